package station

import (
	"fmt"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A ClockError says why the machine's clock cannot be right. The poll workers are
// told, and the log; nothing is refused because of it.
type ClockError struct {
	What stationlog.ClockError
	text string
}

func (e *ClockError) Error() string { return e.text }

// aroundTheVote is how long before the opening and after the close a machine is
// at work on the day of the vote.
const aroundTheVote = 12 * time.Hour

// CheckClock says what is wrong with the clock, as a *ClockError, or nil: the
// first that applies of earlier than the program was built, earlier than the hour of
// the last entry that the station's log had before the program was started (what is
// written since has the same clock), and more than 12 hours from the polls' hours in
// the manifest. A zero built or lastLogged is not compared.
//
// A clock that passes is not therefore right.
func CheckClock(now, built, lastLogged time.Time, m *record.Manifest) error {
	wrong := func(what stationlog.ClockError, format string, args ...any) error {
		return &ClockError{what, fmt.Sprintf("the clock says %s, ", now.UTC().Format("2006-01-02 15:04 UTC")) + fmt.Sprintf(format, args...)}
	}
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	opens, err1 := time.Parse(time.RFC3339, m.Opens)
	closes, err2 := time.Parse(time.RFC3339, m.Closes)
	switch {
	case now.Before(built):
		return wrong(stationlog.BeforeBuild, "but the program was made on %s", day(built))
	case now.Before(lastLogged):
		return wrong(stationlog.WentBack, "but the log's last entry is of %s", lastLogged.UTC().Format("2006-01-02 15h UTC"))
	case err1 != nil || err2 != nil:
		return nil // no manifest that was parsed
	case now.Before(opens.Add(-aroundTheVote)) || now.After(closes.Add(aroundTheVote)):
		return wrong(stationlog.WrongDay, "but the vote is on %s", day(opens))
	}
	return nil
}
