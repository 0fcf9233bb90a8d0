package flow

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// workersScreen is the poll workers' screen for what is going on.
func (f *Flow) workersScreen() screen.Screen {
	s := f.workersPlace()
	if s.Mood != screen.Busy {
		s.Tools = f.workersTools()
	}
	return s
}

func (f *Flow) workersPlace() screen.Screen {
	w := &f.workers
	switch {
	case f.now.Phase == Starting:
		return f.workersTold("workers-starting", screen.Busy, "workers.starting")
	case f.now.Phase == Locked:
		return f.lockedScreen()
	case f.now.Phase != Running:
		return f.notStartedScreen()
	case f.now.Ask == OfficialPIN:
		return f.officialPINScreen()
	case f.now.Ask == OfficialCard:
		return f.officialCardScreen()
	case f.now.Act != NoAct:
		return f.workersTold("workers-working", screen.Busy, "workers.working")
	case w.result == done:
		return f.doneScreen()
	case w.result == notDone && f.now.Said != nil:
		return f.notDoneScreen()
	}
	return f.workersPageScreen()
}

func (f *Flow) workersPageScreen() screen.Screen {
	switch f.workers.page {
	case closeConfirm:
		s := f.workersTold("workers-close", screen.Warning, "workers.close-confirm")
		s.Buttons = []screen.Button{
			{Press: "close-no", Label: f.sayWorkers("workers.close-confirm.no"), Role: screen.Back},
			{Press: "close-yes", Label: f.sayWorkers("workers.close-confirm.yes"), Role: screen.Grave},
		}
		return s
	case countsPage:
		return f.countsScreen()
	case readinessPage:
		return f.readinessScreen()
	case mediaPage:
		return f.mediaScreen()
	case paperPage, slipPaper, receiptPaper:
		return f.paperScreen()
	case identifyNumber, identifyReason, identifyCheck:
		return f.identifyScreen()
	}
	return f.homeScreen()
}

// workersPage begins a poll workers' screen.
func (f *Flow) workersPage(id screen.ID, mood screen.Mood) screen.Screen {
	tag := f.workersLanguage()
	place, there := f.setup.Place[tag]
	if !there && len(f.setup.Languages) > 0 {
		place = f.setup.Place[f.setup.Languages[0]]
	}
	return screen.Screen{
		ID: id, Party: screen.Workers, Mood: mood, Language: tag, Look: f.workers.look, Banner: f.banner(tag), Cues: f.cues(tag), Place: place,
	}
}

// workersTold is a screen that says one thing: the words of words.title and
// words.text.
func (f *Flow) workersTold(id screen.ID, mood screen.Mood, words string) screen.Screen {
	s := f.workersPage(id, mood)
	s.Title = f.sayWorkers(words + ".title")
	s.Parts = []screen.Part{lead(f.sayWorkers(words + ".text"))}
	return s
}

func (f *Flow) workersTools() []screen.Button {
	voice := "tool.voice-on"
	if f.workers.look.Voice.On {
		voice = "tool.voice-off"
	}
	return []screen.Button{
		{Press: "size", Label: f.sayWorkers("tool.size")}, {Press: "contrast", Label: f.sayWorkers("tool.contrast")},
		{Press: "voice", Label: f.sayWorkers(voice)}, {Press: "language", Label: f.sayWorkers("tool.language")},
	}
}

func (f *Flow) backButton() screen.Button {
	return screen.Button{Press: "back", Label: f.sayWorkers("button.back"), Role: screen.Back}
}

func small(words string) screen.Text { return screen.Text{Words: words, Weight: screen.Small} }

// noticeParts say what happened, and what to do below it.
func (f *Flow) noticeParts(n Notice) []screen.Part {
	what, do := f.notice(n)
	parts := []screen.Part{lead(what)}
	if do != "" {
		parts = append(parts, screen.Text{Words: do})
	}
	return parts
}

func (f *Flow) lockedScreen() screen.Screen {
	s := f.workersTold("workers-locked", screen.Plain, "workers.locked")
	if f.now.Said != nil {
		s.Mood = screen.Warning
		s.Parts = f.noticeParts(*f.now.Said)
	}
	n := f.workers.typed.len()
	s.Parts = append(s.Parts, screen.Entry{Kind: screen.Letters, Label: f.sayWorkers("workers.locked.label"), Filled: n})
	s.Buttons = []screen.Button{offUntil(n > 0, f.sayWorkers("workers.locked.first"), screen.Button{Press: "enter", Label: f.sayWorkers("workers.locked.enter"), Role: screen.Next})}
	return s
}

func (f *Flow) notStartedScreen() screen.Screen {
	s := f.workersTold("workers-not-started", screen.Stopped, "workers.not-started")
	if f.now.Said != nil {
		s.Parts = append(s.Parts, f.noticeParts(*f.now.Said)...)
	}
	_, report := f.readiness()
	s.Parts = append(s.Parts, report...)
	s.Buttons = []screen.Button{
		{Press: "start", Label: f.sayWorkers("workers.start"), Role: screen.Next}, {Press: "test-self", Label: f.sayWorkers("workers.test-self")},
	}
	return s
}

// officialCardScreen asks for the next of the poll workers' cards.
func (f *Flow) officialCardScreen() screen.Screen {
	s := f.workersPage("workers-card", screen.Plain)
	next, need := len(f.now.Have)+1, max(f.now.Need, len(f.now.Have)+1)
	s.Title = f.actWords("title")
	words := "workers.card.next"
	switch {
	case need == 1:
		words = "workers.card.only"
	case len(f.now.Have) == 0:
		words = "workers.card.first"
	}
	if need > 1 {
		s.Step = f.sayWorkers("workers.card.step", "N", next, "Of", need)
	}
	if f.now.Said != nil {
		s.Mood = screen.Warning
		s.Parts = f.noticeParts(*f.now.Said)
	}
	if f.now.CardIn {
		s.Parts = append(s.Parts, lead(f.sayWorkers("workers.card.take")))
	}
	s.Parts = append(s.Parts, lead(f.sayWorkers(words)))
	if len(f.now.Have) > 0 {
		s.Parts = append(s.Parts, screen.Facts{Rows: []screen.Fact{{Name: f.sayWorkers("workers.card.have"), Value: numbers(f.now.Have)}}})
	}
	s.Buttons = []screen.Button{{Press: "cancel", Label: f.sayWorkers("workers.cancel"), Role: screen.Back}}
	return s
}

func numbers(all []int) string {
	var words []string
	for _, n := range all {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

// actWords says of the act that has begun, or was asked for last.
func (f *Flow) actWords(what string) string {
	act := f.now.Act
	if act == NoAct {
		act = f.workers.asked
	}
	id := fmt.Sprintf("act.%s.%s", act, what)
	if !f.words.Has(id) {
		id = "act.other." + what
	}
	return f.sayWorkers(id, "N", f.workers.medium)
}

func (f *Flow) officialPINScreen() screen.Screen {
	cancel := screen.Button{Press: "cancel", Label: f.sayWorkers("workers.cancel"), Role: screen.Back}
	if f.now.Blocked {
		s := f.workersTold("workers-pin-blocked", screen.Warning, "workers.pin-blocked")
		s.Buttons = []screen.Button{cancel}
		return s
	}
	s := f.workersTold("workers-pin", screen.Plain, "workers.pin")
	s.Step = f.actWords("title")
	if f.now.WrongPIN || f.now.NoPIN {
		s.Mood = screen.Warning
		words := "pin.wrong"
		switch {
		case f.now.NoPIN:
			words = "pin.no-pin"
		case f.now.Tries == 1:
			words = "workers.pin.wrong-last"
		case f.now.Tries > 1:
			words = "pin.wrong-tries"
		}
		s.Parts = []screen.Part{lead(f.sayWorkers(words, "N", f.now.Tries))}
	}
	n := f.workers.typed.len()
	s.Parts = append(s.Parts, screen.Entry{Kind: screen.Digits, Label: f.sayWorkers("pin.label"), Filled: n})
	s.Buttons = []screen.Button{offUntil(n > 0, f.sayWorkers("pin.first"), screen.Button{Press: "enter", Label: f.sayWorkers("pin.enter"), Role: screen.Next}), cancel}
	return s
}

func (f *Flow) doneScreen() screen.Screen {
	s := f.workersPage("workers-done", screen.Done)
	s.Title = f.actWords("done")
	s.Parts = []screen.Part{lead(f.actWords("next"))}
	if f.now.CardIn {
		s.Parts = append(s.Parts, screen.Text{Words: f.sayWorkers("workers.card.take")})
	}
	menu := screen.Button{Press: "back", Label: f.sayWorkers("workers.go-on"), Role: screen.Next}
	if f.now.State.At == station.Idle {
		menu.Role, menu.Label = screen.Back, f.sayWorkers("workers.menu")
		s.Buttons = []screen.Button{f.leaveButton(screen.Next)}
	}
	s.Buttons = append(s.Buttons, menu)
	return s
}

func (f *Flow) leaveButton(role screen.Role) screen.Button {
	return screen.Button{Press: "leave-workers", Label: f.sayWorkers("workers.leave"), Role: role}
}

func (f *Flow) notDoneScreen() screen.Screen {
	s := f.workersPage("workers-not-done", screen.Warning)
	s.Title = f.actWords("not-done")
	s.Parts = f.noticeParts(*f.now.Said)
	s.Buttons = []screen.Button{{Press: "back", Label: f.sayWorkers("workers.go-on"), Role: screen.Next}}
	return s
}
