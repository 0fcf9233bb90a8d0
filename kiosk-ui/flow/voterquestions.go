package flow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// pressChoosing takes a touch while the voter chooses. Two touches answer a
// question: take this paper, and an answer; or one: don't take. The next
// question comes by itself; what was touched by mistake is changed from the
// review.
func (f *Flow) pressChoosing(name string) []Command {
	f.voter.again = false
	a := f.voter.choices.held()
	if a.review() {
		return f.pressReview(a, name)
	}
	option, isAnswer := number(name, "answer:")
	switch {
	case name == "back":
		a.back()
	case name == "next":
		a.at++
	case name == "review":
		a.at = len(a.chosen)
	case name == "take":
		a.taken = true
	case name == "leave":
		a.answer(0)
	case name == "blank-yes" && a.blank != 0:
		a.answer(a.blank)
	case isAnswer && a.taken && f.setup.Questions[a.at].Options[option-1].Blank && !a.asked[a.at]:
		a.blank, a.asked[a.at] = option, true
	case isAnswer && a.taken:
		a.answer(option)
	}
	return nil
}

func (f *Flow) pressReview(a *answers, name string) []Command {
	question, isChange := number(name, "change:")
	switch {
	case isChange:
		a.at, a.taken = question-1, false
	case name == "print" && a.none() && !f.voter.noPapers:
		f.voter.noPapers, f.voter.over = true, overNoPapers
	case name == "print":
		return []Command{f.voter.choices.command()}
	}
	return nil
}

// number reads what follows a prefix, from 1. The screen has said before that
// it offers it.
func number(name, prefix string) (int, bool) {
	digits, found := strings.CutPrefix(name, prefix)
	n, err := strconv.Atoi(digits)
	return n, found && err == nil && n >= 1
}

func (f *Flow) choosing() screen.Screen {
	a := f.voter.choices.held()
	if a.review() {
		return f.review(a)
	}
	q := f.setup.Questions[a.at]
	s := f.page("question", screen.Plain)
	s.Step = f.say("question.step", "N", a.at+1, "Of", len(f.setup.Questions))
	title, language := f.text(q.Title)
	s.Title, s.TitleLanguage = title, language
	switch {
	case a.blank != 0:
		s.ID = "question-blank"
		s.Parts = []screen.Part{lead(f.say("question.blank"))}
		s.Buttons = []screen.Button{
			{Press: "blank-yes", Label: f.say("question.blank.yes"), Role: screen.Next}, {Press: "back", Label: f.say("question.blank.no"), Role: screen.Back},
		}
		return s
	case a.taken:
		s.ID = "question-answer"
		s.Parts = append([]screen.Part{lead(f.say("question.ask")), f.answers(q)}, f.questionText(q)...)
		s.Buttons = []screen.Button{{Press: "back", Label: f.say("button.back"), Role: screen.Back}}
		return s
	}
	s.Parts = append(f.again(a), f.questionText(q)...)
	s.Parts = append(s.Parts, f.soFar(a)...)
	s.Buttons = []screen.Button{{Press: "take", Label: f.say("question.take"), Role: screen.Next}, {Press: "leave", Label: f.say("question.leave"), Role: screen.Next}}
	switch {
	case !slices.Contains(a.chosen, unseen):
		s.Buttons = append(s.Buttons, screen.Button{Press: "review", Label: f.say("button.review")})
	case a.chosen[a.at] != unseen:
		s.Buttons = append(s.Buttons, screen.Button{Press: "next", Label: f.say("button.next")})
	}
	if a.at > 0 {
		s.Buttons = append(s.Buttons, screen.Button{Press: "back", Label: f.say("button.back"), Role: screen.Back})
	}
	return s
}

// again says after a test why the questions come once more.
func (f *Flow) again(a *answers) []screen.Part {
	if !f.voter.again || a.at > 0 {
		return nil
	}
	return []screen.Part{lead(f.say("question.again"))}
}

// soFar says what was chosen before, to a voter who has come back.
func (f *Flow) soFar(a *answers) []screen.Part {
	n := a.chosen[a.at]
	if n == unseen {
		return nil
	}
	words, language := f.say("review.not-taken"), f.voter.language
	if n > 0 {
		words, language = f.text(f.setup.Questions[a.at].Options[n-1].Label)
	}
	return []screen.Part{screen.Facts{Rows: []screen.Fact{{Name: f.say("question.now"), Value: words, Spoken: language}}}}
}

// questionText is the paper as it is in the manifest, in full.
func (f *Flow) questionText(q Question) []screen.Part {
	text, language := f.text(q.Text)
	proposer, itsLanguage := f.text(q.Proposer)
	var parts []screen.Part
	if language != f.voter.language {
		parts = append(parts, screen.Text{Words: f.say("question.language"), Weight: screen.Small})
	}
	parts = append(parts, screen.Text{Words: text, Language: language})
	if proposer != "" {
		parts = append(parts, screen.Text{Words: proposer, Weight: screen.Small, Language: itsLanguage})
	}
	return parts
}

// answers are in the manifest's order and words.
func (f *Flow) answers(q Question) screen.Options {
	chosen := f.voter.choices.held().chosen[f.voter.choices.held().at]
	var o screen.Options
	for i, option := range q.Options {
		label, language := f.text(option.Label)
		item := screen.Option{Press: "answer:" + strconv.Itoa(i+1), Label: label, Language: language, Marked: chosen == i+1}
		if i < 9 {
			item.Key = rune('1' + i)
		}
		o.Items = append(o.Items, item)
	}
	return o
}

func (f *Flow) review(a *answers) screen.Screen {
	s := f.page("review", screen.Plain)
	s.Title = f.say("review.title")
	s.Parts = []screen.Part{lead(f.say("review.text")), f.chosenFacts(true)}
	s.Buttons = []screen.Button{{Press: "print", Label: f.say("review.print"), Role: screen.Next}}
	return s
}

// chosenFacts reads the choices back, on the review and beside the slip.
func (f *Flow) chosenFacts(change bool) screen.Facts {
	a := f.voter.choices.held()
	var facts screen.Facts
	for i, q := range f.setup.Questions {
		name, language := f.text(q.Title)
		row := screen.Fact{Name: name, Language: language, Value: f.say("review.not-taken"), Spoken: f.voter.language}
		if n := a.chosen[i]; n > 0 {
			row.Value, row.Spoken = f.text(q.Options[n-1].Label)
		}
		if change {
			row.Press, row.Change = "change:"+strconv.Itoa(i+1), f.say("review.change")
		}
		facts.Rows = append(facts.Rows, row)
	}
	return facts
}
