package e2etest

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// What a day may cost. Go gives memory back late and in pieces: what is in use
// goes up and down by some megabytes without growing.
const (
	dayVoters    = 150
	mostMemory   = 300.0 // MB, VmHWM
	noiseMemory  = 8.0   // MB, between the middle of a day and its end, by the line that fits best
	noiseFiles   = 2
	noiseThreads = 3
)

// A sample is what the program has after a voter.
type sample struct {
	most, now      float64 // MB
	files, threads int
}

// TestSoakDay is a day of voters in all languages, who scroll, change sizes and
// colours, listen, test the machine and go away: the program does not grow.
func TestSoakDay(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("SOAK is not set: make soak")
	}
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, dayVoters, func(c *kiosk.Config) {
		c.Voice = &kiosk.Voice{Program: "/usr/bin/espeak-ng", Player: append(voice.DefaultPlayer(), "-D", "null")}
	})
	d.run(t, "opening", d.open)
	samples := []sample{d.sample(t)}
	for i := range dayVoters {
		d.anyVoter(i)
		samples = append(samples, d.sample(t))
		if i%10 == 9 {
			t.Logf("after %d voters: %v", i+1, samples[i+1])
		}
	}
	d.boxFits()
	d.close()
	d.seesCounts()
	d.ends(t)
	grown(t, samples[len(samples)/2:])
}

// anyVoter is a voter's way, which is another one for each number.
func (d *day) anyVoter(i int) {
	d.t.Helper()
	selections := []int{i % 4, i / 4 % 4, i / 16 % 4}
	d.begin([]string{"zh-Hant", "en", "id"}[i%3], d.m.Voter(i))
	d.changeLook(i)
	d.answerAnyhow(selections)
	if i%10 == 3 {
		d.leave()
		return
	}
	d.print(selections)
	d.expects(d.say(station.Deciding, cardIn))
	switch i % 10 {
	case 5:
		d.counts.SlipsVoided++
		d.leave()
		return
	case 7:
		d.challenge()
		d.expects(d.say(station.Choosing, cardIn, challenges(1)))
		d.answerAnyhow(selections)
		d.print(selections)
		d.expects(d.say(station.Deciding, cardIn, challenges(1)))
	}
	d.deposit(selections)
}

// changeLook changes what each voter may.
func (d *day) changeLook(i int) {
	d.t.Helper()
	tools := slices.Repeat([]string{"size"}, i%int(screen.Sizes))
	if i%2 == 1 {
		tools = append(tools, "contrast")
	}
	if i%3 != 1 {
		tools = append(tools, "voice", "rate", "volume")
	}
	for _, tool := range tools {
		d.touch(tool)
		d.sees()
	}
}

// answerAnyhow is answer on screens of every size: what is not to be seen is
// scrolled to.
func (d *day) answerAnyhow(selections []int) {
	d.t.Helper()
	for _, n := range selections {
		if n == 0 {
			d.reach("leave")
			continue
		}
		d.reach("take")
		d.reach(fmt.Sprintf("answer:%d", n))
		if d.flow.Screen().Offers("blank-yes") {
			d.reach("blank-yes")
		}
	}
	for d.scrolls("scroll:down") { // the review is read to its end
	}
}

// reach touches what may have to be scrolled to.
func (d *day) reach(name string) {
	d.t.Helper()
	seen := func() bool { _, _, there := d.view.Place(name); return there }
	for !seen() && d.scrolls("scroll:down") {
	}
	for !seen() && d.scrolls("scroll:up") {
	}
	d.touch(name)
	d.sees()
}

// scrolls turns a page, if there is another one.
func (d *day) scrolls(to string) bool {
	d.t.Helper()
	if _, _, there := d.view.Place(to); !there {
		return false
	}
	before := d.seen
	d.touch(to)
	d.sees()
	return compare(before, d.seen) != difference{}
}

// sample looks at the program, between two voters.
func (d *day) sample(t testing.TB) sample {
	t.Helper()
	s := sample{}
	s.most, s.now = d.p.memory(t)
	pid := d.p.process.Process.Pid
	for folder, n := range map[string]*int{"fd": &s.files, "task": &s.threads} {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/%s", pid, folder))
		must(t, err)
		*n = len(entries)
	}
	return s
}

func (s sample) String() string {
	return fmt.Sprintf("%.1f MB now, %.1f MB at most, %d files, %d threads", s.now, s.most, s.files, s.threads)
}

// grown holds the second half of a day against what it may cost.
func grown(t *testing.T, half []sample) {
	t.Helper()
	var memory []float64
	for _, s := range half {
		memory = append(memory, s.now)
	}
	first, last := half[0], half[len(half)-1]
	perVoter := slope(memory)
	t.Logf("at most %.1f MB; from voter %d on %+.2f MB every 100 voters; %d files and %d threads, in the middle %d and %d",
		last.most, len(half)-1, 100*perVoter, last.files, last.threads, first.files, first.threads)
	if last.most > mostMemory {
		t.Errorf("the program has had %.1f MB", last.most)
	}
	if by := perVoter * float64(len(half)); by > noiseMemory {
		t.Errorf("the program has grown by %.1f MB in half a day", by)
	}
	if last.files > first.files+noiseFiles || last.threads > first.threads+noiseThreads {
		t.Errorf("%v after %v", last, first)
	}
}

// slope is that of the line that fits best, by least squares.
func slope(values []float64) float64 {
	n := float64(len(values))
	var x, y, xx, xy float64
	for i, v := range values {
		at := float64(i)
		x, y, xx, xy = x+at, y+v, xx+at*at, xy+at*v
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// TestSlope: a line that rises is seen through what goes up and down.
func TestSlope(t *testing.T) {
	for want, values := range map[float64][]float64{0: {3, 3, 3, 3}, 2: {0, 2, 4, 6, 8}, -1: {1, 0}} {
		if got := slope(values); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%v rises by %v", values, got)
		}
	}
}
