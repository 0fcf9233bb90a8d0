package station

import (
	"errors"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

func TestCheckClock(t *testing.T) {
	m := &record.Manifest{Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z"}
	day, none := stationtest.Day, time.Time{}
	opens, closes := time.Date(2021, 12, 18, 0, 0, 0, 0, time.UTC), time.Date(2021, 12, 18, 8, 0, 0, 0, time.UTC)
	taipei := time.FixedZone("", 8*3600)
	for _, test := range []struct {
		name               string
		now, built, logged time.Time
		what               stationlog.ClockError // 0: nothing
		text               string
	}{
		{"before the build", day, day.Add(1), day.Add(time.Hour), stationlog.BeforeBuild,
			"the clock says 2021-12-18 02:00 UTC, but the program was made on 2021-12-18"},
		{"battery lost", time.Unix(0, 0), day.AddDate(0, -1, 0), none, stationlog.BeforeBuild,
			"the clock says 1970-01-01 00:00 UTC, but the program was made on 2021-11-18"},
		{"went back", day, none, day.Add(time.Hour), stationlog.WentBack,
			"the clock says 2021-12-18 02:00 UTC, but the log's last entry is of 2021-12-18 03h UTC"},
		{"went back, and to another day", day.AddDate(-1, 0, 0), none, day, stationlog.WentBack,
			"the clock says 2020-12-18 02:00 UTC, but the log's last entry is of 2021-12-18 02h UTC"},
		{"the week before", day.AddDate(0, 0, -7), none, none, stationlog.WrongDay,
			"the clock says 2021-12-11 02:00 UTC, but the vote is on 2021-12-18"},
		{"a second too early", opens.Add(-12*time.Hour - time.Second), none, none, stationlog.WrongDay,
			"the clock says 2021-12-17 11:59 UTC, but the vote is on 2021-12-18"},
		{"a second too late", closes.Add(12*time.Hour + time.Second), none, none, stationlog.WrongDay,
			"the clock says 2021-12-18 20:00 UTC, but the vote is on 2021-12-18"},
		{"the evening before", opens.Add(-12 * time.Hour), none, none, 0, ""},
		{"the night after", closes.Add(12 * time.Hour), none, none, 0, ""},
		{"in another zone", day.In(taipei), day, day, 0, ""},
		{"built this moment, logged this moment", day, day, day, 0, ""},
		{"nothing to compare", day, none, none, 0, ""},
	} {
		err := CheckClock(test.now, test.built, test.logged, m)
		wrong, _ := errors.AsType[*ClockError](err)
		switch {
		case test.what == 0 && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.what != 0 && (wrong == nil || wrong.What != test.what || wrong.Error() != test.text):
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := CheckClock(day, none, none, &record.Manifest{}); err != nil {
		t.Errorf("a manifest without hours: %v", err)
	}
}
