package e2etest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
)

// close closes the polls, which are open.
func (d *day) close() {
	d.t.Helper()
	d.sees()
	d.touch("workers")
	d.sees()
	d.touch("close")
	d.sees()
	d.touch("close-yes")
	d.come(flow.Close, station.Idle, station.Closed)
	d.touch("back")
	d.sees()
}

// seesCounts looks at the counts, which are all shown now.
func (d *day) seesCounts() {
	d.t.Helper()
	d.touch("counts")
	d.sees()
	d.touch("back")
	d.sees()
}

// labelled makes two folders that stand for the station's media.
func (d *day) labelled() [2]string {
	d.t.Helper()
	var all [2]string
	for i := range all {
		all[i] = d.t.TempDir()
		c, err := d.m.Config.MediumConfig(d.e.world.Election, i+1)
		must(d.t, err)
		must(d.t, media.Prepare(all[i], c))
	}
	return all
}

// export writes the bundle to two media, at the console: folders are taken
// there.
func (d *day) export(media [2]string) {
	d.t.Helper()
	r, w, err := os.Pipe()
	must(d.t, err)
	defer w.Close()
	p := prepare(d.t, d.d, d.program, "run", "--console", "--config", d.m.Path("kiosk.json"), "--passphrase-file", d.m.Path("passphrase"))
	p.process.Stdin = r
	p.begin(d.t)
	r.Close()
	says := func(words string, times int) {
		d.t.Helper()
		waitFor(d.t, p, "the console says: "+words, func() bool { return strings.Count(p.said.String(), words) >= times })
	}
	for i, folder := range media {
		fmt.Fprintf(w, "export %d %s\n", i+1, folder)
		says("a poll worker inserts", i+1)
		d.insert(d.m.Officials[i])
		says("type the PIN", i+1)
		_, err := io.WriteString(w, eidtest.DefaultPIN+"\n")
		must(d.t, err)
		says("done: export", i+1)
		d.remove()
	}
	fmt.Fprintln(w, "quit")
	<-p.ended
}

// verifies counts the bundle of each medium, and holds the result against the
// votes.
func (d *day) verifies(media [2]string) {
	d.t.Helper()
	for _, medium := range media {
		result, counts := d.e.count(d.t, medium)
		if n := d.counts; int(counts.Cast) != n.Cast || int(counts.Attendances) != n.Attended || int(counts.Challenged) != n.Challenged ||
			int(counts.Abandoned) != n.Abandoned || int(counts.Sessions) != n.Sessions || int(counts.SlipsPrinted) != n.SlipsPrinted || int(counts.SlipsVoided) != n.SlipsVoided {
			d.t.Errorf("%s: counted %+v, not %+v", filepath.Base(medium), counts, n)
		}
		d.resultFits(result)
	}
	d.boxFits()
}

// resultFits holds the result against the votes.
func (d *day) resultFits(result *record.Result) {
	d.t.Helper()
	for q, options := range result.Aggregates[0].Counts {
		want := make([]int, len(options))
		for _, vote := range d.votes {
			if vote[q] > 0 {
				want[vote[q]-1]++
			}
		}
		if fmt.Sprint(options) != fmt.Sprint(want) {
			d.t.Errorf("question %d: counted %v, voted %v", q+1, options, want)
		}
	}
}

// ends stops the program, which then has closed everything.
func (d *day) ends(t *testing.T) {
	t.Helper()
	if status := d.p.stop(t); status != 0 {
		t.Errorf("the program ended with %d:\n%s", status, d.p.said)
	}
}
