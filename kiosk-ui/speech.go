package kioskui

import (
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// speakShown says what has been shown: all of another screen, and of the same
// one with other words what has the focus.
func (v *View) speakShown(before screen.Screen, same bool) {
	on, was := v.up.Look.Voice.On, before.Look.Voice.On
	switch {
	case v.options.Speaker == nil:
	case !on:
		if was || !same {
			v.options.Speaker.Hush()
		}
	case !same || !was || before.Language != v.up.Language || before.Title != v.up.Title:
		v.speak()
	default:
		v.speakChange(before)
	}
}

// speakChange says what a press has changed: how much is in an entry, or what
// has the focus.
func (v *View) speakChange(before screen.Screen) {
	now, types := entryOf(v.up)
	was, _ := entryOf(before)
	if types && (now.Filled != was.Filled || now.Shown != was.Shown) {
		v.say(v.up.Cues.Filled, v.up.Language)
		return
	}
	if now, was := strings.Join(Spoken(v.up), "\n"), strings.Join(Spoken(before), "\n"); now != was || before.Look.Voice != v.up.Look.Voice {
		v.speakFocus()
	}
}

// speak says the whole screen, and what has the focus at its end.
func (v *View) speak() {
	said := Spoken(v.up)
	if t, found := v.focused(); found {
		said = append(said, t.said)
	}
	v.say(strings.Join(said, "\n"), v.up.Language)
}

func (v *View) speakFocus() {
	if t, found := v.focused(); found {
		v.say(t.said, t.speech)
	}
}

// speakPage says what has the focus after a page was turned.
func (v *View) speakPage() { v.speakFocus() }

func (v *View) focused() (target, bool) {
	if v.scene == nil {
		return target{}, false
	}
	return v.scene.target(v.focus)
}

func (v *View) say(text, language string) {
	if v.options.Speaker == nil || !v.up.Look.Voice.On || strings.TrimSpace(text) == "" {
		return
	}
	v.options.Speaker.Say(text, language, v.up.Look.Voice)
}

// Spoken is what is read aloud of a screen, sentence by sentence, in its order:
// banner, step, title, parts. Of an Entry it is never what is in it, unless
// that is shown.
func Spoken(s screen.Screen) []string {
	said := []string{s.Banner, s.Step, s.Title}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case screen.Text:
			said = append(said, p.Words)
		case screen.Options:
			for _, o := range p.Items {
				said = append(said, optionSaid(o, s.Cues))
			}
		case screen.Facts:
			for _, f := range p.Rows {
				said = append(said, join(f.Name, f.Value))
			}
		case screen.Report:
			for _, l := range p.Lines {
				said = append(said, join(l.Name, l.What, l.Do))
			}
		case screen.Entry:
			said = append(said, p.Label, p.Shown, s.Cues.Filled)
		}
	}
	kept := said[:0]
	for _, t := range said {
		if strings.TrimSpace(t) != "" {
			kept = append(kept, t)
		}
	}
	return kept
}

func optionSaid(o screen.Option, c screen.Cues) string {
	if o.Marked {
		return join(o.Label, o.Note, c.Marked)
	}
	return join(o.Label, o.Note)
}
