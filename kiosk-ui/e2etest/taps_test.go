package e2etest

import (
	"strings"
	"testing"
	"time"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// TestTaps taps to and fro between two answers, each time with no time between
// the motion and the press, as touch screens do. A version of Fyne that takes a
// press for one at the place before would register another vote than the
// voter's (docs/dependencies.md).
func TestTaps(t *testing.T) {
	path, err := build("taps", "build", "./testdata/taps")
	must(t, err)
	d := newDisplay(t, 1024, 768)
	p := start(t, d, path)
	m := emptyMirror(t, d.width, d.height)
	up := screen.Screen{
		ID: "taps", Language: "en", Title: "Taps",
		Parts: []screen.Part{screen.Options{Items: []screen.Option{{Press: "agree", Label: "agree"}, {Press: "disagree", Label: "disagree"}}}},
	}
	m.view.Show(up)
	want := cellsOf(m.draw())
	waitFor(t, p, "the answers are shown", func() bool {
		now, err := d.look()
		must(t, err)
		return compare(want, cellsOf(now)).within(strict)
	})
	time.Sleep(kioskui.Settle)
	for i := range 20 {
		name := []string{"agree", "disagree"}[i%2]
		at := m.place(name)
		must(t, d.touch(int(at.X), int(at.Y)))
		waitFor(t, p, "the tap is noticed", func() bool { return strings.Count(p.said.String(), "pressed") == i+1 })
		if !strings.HasSuffix(p.said.String(), "pressed "+name+"\n") {
			t.Fatalf("tap %d on %q:\n%s", i+1, name, p.said)
		}
	}
}

// waitFor waits until something is so, which a program does.
func waitFor(t testing.TB, p *program, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) || p.hasEnded() {
			t.Fatalf("waited in vain until %s:\n%s", what, p.said)
		}
	}
}
