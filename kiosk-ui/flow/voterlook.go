package flow

import (
	"slices"
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// languages are those that voters are offered: the manifest's that have words,
// in its order, then the others.
func (f *Flow) languages() []string {
	var tags, served []string
	for _, tag := range f.setup.Languages {
		if words, found := f.words.Find(tag); found && !slices.Contains(served, words) {
			tags, served = append(tags, tag), append(served, words)
		}
	}
	for _, tag := range f.words.Languages() {
		if !slices.Contains(served, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

func (f *Flow) pressLanguage(name string) {
	if tag, found := strings.CutPrefix(name, "lang:"); found {
		f.voter.language, f.voter.spoke = tag, true
	}
}

// say says a message in the voter's language; args are names and values.
func (f *Flow) say(id string, args ...any) string { return f.sayIn(f.voter.language, id, args...) }

func (f *Flow) sayIn(language, id string, args ...any) string {
	places := locale.Args{}
	for i := 0; i+1 < len(args); i += 2 {
		places[args[i].(string)] = args[i+1]
	}
	return f.words.Say(language, id, places)
}

// text returns a text of the manifest in the voter's language, or in the
// manifest's first, and in which.
func (f *Flow) text(t Text) (words, language string) {
	if words, there := t[f.voter.language]; there {
		return words, f.voter.language
	}
	if len(f.setup.Languages) == 0 {
		return "", f.voter.language
	}
	first := f.setup.Languages[0]
	return t[first], first
}

// page begins a voter's screen.
func (f *Flow) page(id screen.ID, mood screen.Mood) screen.Screen {
	place, _ := f.text(f.setup.Place)
	return screen.Screen{
		ID: id, Party: screen.Voter, Mood: mood, Language: f.voter.language, Look: f.voter.look, Banner: f.banner(f.voter.language), Place: place,
		Cues: f.cues(f.voter.language),
	}
}

// banner says on every screen that it is no live vote.
func (f *Flow) banner(language string) string {
	switch f.setup.Kind {
	case Live:
		return ""
	case TestDeck:
		return f.sayIn(language, "banner.test")
	}
	return f.sayIn(language, "banner.rehearsal")
}

// cues are the words by which a screen is read aloud.
func (f *Flow) cues(language string) screen.Cues {
	return screen.Cues{
		Marked: f.sayIn(language, "cue.marked"), Button: f.sayIn(language, "cue.button"), More: f.sayIn(language, "cue.more"),
		Filled: f.sayIn(language, "cue.filled"), Up: f.sayIn(language, "cue.up"), Down: f.sayIn(language, "cue.down"),
		Back: f.sayIn(language, "cue.back"), Shift: f.sayIn(language, "cue.shift"), Space: f.sayIn(language, "cue.space"),
	}
}

func lead(words string) screen.Text { return screen.Text{Words: words, Weight: screen.Lead} }

// tools are the small buttons in the top row.
func (f *Flow) tools() []screen.Button {
	tools := []screen.Button{}
	add := func(press, label string) { tools = append(tools, screen.Button{Press: press, Label: label}) }
	if f.mayHelp() {
		add("help", f.say("tool.help"))
	}
	add("size", f.say("tool.size"))
	add("contrast", f.say("tool.contrast"))
	if f.voter.look.Voice.On {
		add("voice", f.say("tool.voice-off"))
		add("rate", f.say("tool.rate"))
		add("volume", f.say("tool.volume"))
	} else {
		add("voice", f.say("tool.voice-on"))
	}
	if inSession(f.now) && f.voter.over == nothingOver {
		add("language", f.say("tool.language"))
	}
	if !inSession(f.now) {
		add("workers", f.say("tool.workers"))
	}
	return tools
}

func (f *Flow) mayHelp() bool { return inSession(f.now) && f.voter.over == nothingOver && !f.now.Late }

// pressTool takes a touch in the top row. Help is a command as well: see
// pressVoter.
func (f *Flow) pressTool(name string) bool {
	look := &f.voter.look
	switch name {
	case "size":
		look.Size = (look.Size + 1) % screen.Sizes
	case "contrast":
		look.Contrast = !look.Contrast
	case "voice":
		look.Voice.On = !look.Voice.On
	case "rate":
		look.Voice.Rate = around(look.Voice.Rate)
	case "volume":
		look.Voice.Volume = around(look.Voice.Volume)
	case "language":
		f.voter.over = overLanguage
	default:
		return false
	}
	return true
}

// around goes from −2 to 2, and around.
func around(n int) int {
	if n++; n > 2 {
		n = -2
	}
	return n
}
