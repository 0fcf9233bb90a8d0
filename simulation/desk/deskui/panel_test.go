package deskui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/openreferendum/referendum/simulation/desk"
)

// onDisplay is a panel in a window of Fyne's test driver, with a desk whose
// program never starts.
func onDisplay(t *testing.T) (*Panel, *desk.Desk) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d, err := desk.New(desk.Config{Dir: filepath.Join(t.TempDir(), "desk"), Program: program})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	test.NewTempApp(t).Settings().SetTheme(Theme())
	w := test.NewTempWindow(t, nil)
	p := New(d, w)
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(890, 940))
	return p, d
}

// until waits until the desk is as it should be, and shows it.
func until(t *testing.T, p *Panel, d *desk.Desk, what string, is func(desk.View) bool) {
	t.Helper()
	late := time.After(60 * time.Second)
	for {
		v := d.View()
		if is(v) {
			p.Show(v)
			return
		}
		select {
		case <-d.Changed():
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// TestHands: what is clicked happens on the desk, and is shown.
func TestHands(t *testing.T) {
	p, d := onDisplay(t)
	if !p.out.Disabled() || !strings.Contains(p.state.Text, "停止") {
		t.Errorf("at first: a card can be taken out: %v; %q", !p.out.Disabled(), p.state.Text)
	}
	test.Tap(p.cards[2])
	until(t, p, d, "voter 3's card is in", func(v desk.View) bool { return v.In == 2 })
	if p.out.Disabled() || !strings.Contains(p.reader.Text, "Voter 3") || !strings.Contains(p.cards[2].Text, "in the reader") {
		t.Errorf("with a card in: %q, %q", p.reader.Text, p.cards[2].Text)
	}
	test.Tap(p.out)
	until(t, p, d, "no card is in", func(v desk.View) bool { return v.In < 0 })
	for i, c := range p.checks {
		c.SetChecked(true)
		until(t, p, d, p.shown.Faults[i].Name, func(v desk.View) bool { return v.Wrong[i] })
		c.SetChecked(false)
		until(t, p, d, "mended: "+p.shown.Faults[i].Name, func(v desk.View) bool { return !v.Wrong[i] })
	}
	p.media[1].SetChecked(false)
	until(t, p, d, "medium 2 is pulled", func(v desk.View) bool { return v.Media[0].Plugged && !v.Media[1].Plugged })
	p.media[1].SetChecked(true)
	until(t, p, d, "medium 2 is plugged in", func(v desk.View) bool { return v.Media[1].Plugged })
}

// TestShowIsNoHand: what is shown is not done again.
func TestShowIsNoHand(t *testing.T) {
	p, d := onDisplay(t)
	v := d.View()
	for i := range v.Wrong {
		v.Wrong[i] = true
	}
	v.Media[0].Plugged = false
	p.Show(v)
	if !p.checks[0].Checked || p.media[0].Checked {
		t.Error("it is not shown")
	}
	now := d.View()
	for i, wrong := range now.Wrong {
		if wrong {
			t.Errorf("%s was done because it was shown", now.Faults[i].Name)
		}
	}
	if !now.Media[0].Plugged {
		t.Error("a medium was pulled because it was shown")
	}
}

// TestFits: nothing is cut at the size of the window.
func TestFits(t *testing.T) {
	p, d := onDisplay(t)
	v := d.View()
	v.In, v.Status, v.Said = 24, 1, strings.Repeat("what the kiosk said and nobody can foresee ", 60)+strings.Repeat("\nline", 30)
	for i := range v.Media {
		v.Media[i].Full = true
	}
	for i := range v.Cards {
		v.Cards[i].Voted = i%2 == 0
	}
	p.Show(v)
	if size := p.Content().MinSize(); size.Width > 890 || size.Height > 940 {
		t.Errorf("the window is 890 by 940, its contents are %v", size)
	}
	if n := strings.Count(p.said.Text, "\n"); n >= shownLines {
		t.Errorf("%d lines of what the kiosk said", n+1)
	}
}
