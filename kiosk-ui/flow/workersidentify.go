package flow

import (
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// Two poll workers stand in for a voter's card that does not work: number,
// reason, one look at both, then their cards. What was typed is wiped when the
// act begins, and whenever these pages are left.

// reasons are in the order in which they are offered.
var reasons = []Reason{CardDamaged, CardBlocked, CardMissing, CardNotIssued}

// mayIdentify reports whether a voter can be identified by hand now.
func (f *Flow) mayIdentify() bool { return f.setup.Holder != "" && f.now.State.At == station.Idle }

func (f *Flow) pressIdentify(name string) []Command {
	w := &f.workers
	switch name {
	case "identify":
		w.typed.wipe()
		w.page = identifyNumber
	case "enter":
		w.page = identifyReason
	case "identify-yes":
		command := IdentifyVoter{Holder: w.typed.take(), Reason: w.reason}
		w.leavePage()
		w.ask(Identify)
		return []Command{command}
	}
	return nil
}

// typeHolder takes a key of the number, as far as its shape goes on. Letters
// are taken as capital ones where the shape has them so.
func (f *Flow) typeHolder(key string) {
	w := &f.workers
	n := w.typed.len()
	if key != screen.KeyBack {
		if n >= len(f.setup.Holder) {
			return
		}
		if is := f.setup.Holder[n]; is >= 'A' && is <= 'Z' {
			if c, found := strings.CutPrefix(key, screen.KeyPrefix); found {
				key = screen.KeyPrefix + strings.ToUpper(c)
			}
		}
	}
	w.typed.key(key)
}

// fits reports whether what was typed has the shape of a number: A stands for
// a capital letter, 9 for a digit, and anything else for itself.
func fits(shape string, typed []byte) bool {
	if len(shape) != len(typed) {
		return false
	}
	for i, c := range typed {
		switch is := shape[i]; {
		case is == 'A' && c >= 'A' && c <= 'Z', is == '9' && c >= '0' && c <= '9', is != 'A' && is != '9' && c == is:
		default:
			return false
		}
	}
	return true
}

func (f *Flow) identifyScreen() screen.Screen {
	w := &f.workers
	switch w.page {
	case identifyReason:
		s := f.workersTold("workers-identify-reason", screen.Plain, "workers.identify-reason")
		var o screen.Options
		for i, r := range reasons {
			o.Items = append(o.Items, screen.Option{Press: "reason:" + string(r), Label: f.sayWorkers("reason." + string(r)), Key: rune('1' + i), Marked: w.reason == r})
		}
		s.Parts = append(s.Parts, o)
		s.Buttons = []screen.Button{f.backButton()}
		return s
	case identifyCheck:
		s := f.workersTold("workers-identify-check", screen.Warning, "workers.identify-check")
		s.Parts = append(s.Parts, screen.Facts{Rows: []screen.Fact{
			{Name: f.sayWorkers("workers.identify.number"), Value: f.holderTyped()},
			{Name: f.sayWorkers("workers.identify.why"), Value: f.sayWorkers("reason." + string(w.reason))},
		}})
		s.Buttons = []screen.Button{{Press: "identify-yes", Label: f.sayWorkers("workers.identify-check.yes"), Role: screen.Grave}, f.backButton()}
		return s
	}
	s := f.workersTold("workers-identify", screen.Plain, "workers.identify")
	kind := screen.Digits
	if strings.Trim(f.setup.Holder, "0123456789") != "" {
		kind = screen.Letters
	}
	typed := *w.typed.bytes()
	s.Parts = append(s.Parts, screen.Entry{Kind: kind, Label: f.sayWorkers("workers.identify.number"), Filled: len(typed), Shown: string(typed)})
	s.Buttons = []screen.Button{
		offUntil(fits(f.setup.Holder, typed), f.sayWorkers("workers.identify.first"), screen.Button{Press: "enter", Label: f.sayWorkers("workers.identify.next"), Role: screen.Next}),
		f.backButton(),
	}
	return s
}

// holderTyped is the number as it was typed, for those who typed it.
func (f *Flow) holderTyped() string { return string(*f.workers.typed.bytes()) }
