"""Is the audit whole? What was changed, what is missing, and what was cut off."""

from sqlalchemy import create_engine, text

from child_index.access import Permission
from child_index.oversight import verify_audit
from tests.factories import caller, system


def look(index, times=1):
    for _ in range(times):
        with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
            visit.record("search:near")


def tamper(settings, statement):
    engine = create_engine(settings.url)
    with engine.begin() as conn:
        conn.execute(text(statement))
    engine.dispose()


def test_a_whole_audit_is_sound_again_and_again(index):
    look(index, 3)
    assert verify_audit(index, system()).is_sound
    look(index)
    report = verify_audit(index, system())
    assert report.is_sound
    assert report.rows == 5


def test_a_changed_row_is_named(index, settings):
    look(index, 3)
    tamper(settings, "UPDATE audit_event SET actor = 'nobody' WHERE id = 2")
    report = verify_audit(index, system())
    assert (report.is_sound, report.first_bad) == (False, 2)


def test_a_tail_cut_off_is_noticed_by_the_count_kept_outside(index, settings):
    look(index, 3)
    assert verify_audit(index, system()).is_sound
    tamper(settings, "DELETE FROM audit_event WHERE id > 2")
    report = verify_audit(index, system())
    assert not report.is_sound
    assert report.first_bad is None


def test_an_unsound_audit_does_not_move_the_count(index, settings):
    look(index, 3)
    verify_audit(index, system())
    tamper(settings, "DELETE FROM audit_event WHERE id > 2")
    assert not verify_audit(index, system()).is_sound
    look(index, 1)
    assert not verify_audit(index, system()).is_sound
