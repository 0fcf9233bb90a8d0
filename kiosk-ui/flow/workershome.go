package flow

import (
	"slices"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// A menu is what the poll workers' first screen offers in a place: buttons, and
// below what has happened the pages.
type menu struct {
	id      screen.ID
	mood    screen.Mood
	buttons []string
	pages   []string
}

// menus are those of the places where poll workers can be.
var menus = map[station.Place]menu{
	station.Unopened:  {"workers-unopened", screen.Plain, []string{"open"}, []string{"readiness", "counts", "paper"}},
	station.Idle:      {"workers-idle", screen.Plain, []string{"leave-workers", "suspend"}, []string{"identify", "counts", "paper", "close"}},
	station.Suspended: {"workers-suspended", screen.Stopped, []string{"resume"}, []string{"counts", "paper", "close"}},
	station.Halted:    {"workers-halted", screen.Stopped, []string{"restart"}, []string{"paper"}},
	station.Closed:    {"workers-closed", screen.Plain, nil, []string{"counts", "reprint", "paper"}},
}

// homeScreen says where the station is, what happened, what to do, and what can
// be done.
func (f *Flow) homeScreen() screen.Screen {
	at := f.now.State.At
	m, there := menus[at]
	if !there {
		m = menu{id: "workers-unknown", buttons: []string{"leave-workers"}}
	}
	s := f.workersPage(m.id, m.mood)
	s.Step = f.setup.Station
	happened := f.happened()
	s.Title, s.Parts = f.placeWords(len(happened) > 0)
	s.Parts = append(s.Parts, happened...)
	if at == station.Closed {
		s.Parts = append(s.Parts, f.exported())
		if f.now.Exported == [2]bool{true, true} {
			s.Mood = screen.Done
		}
	}
	if items := f.menuItems(m.pages); len(items) > 0 {
		s.Parts = append(s.Parts, screen.Options{Items: items, Act: true})
	}
	s.Buttons = f.menuButtons(m.buttons)
	return s
}

// placeWords are the title and the first words of the station's place: of one
// that has stopped, why. With more, words about that stand below.
func (f *Flow) placeWords(more bool) (string, []screen.Part) {
	words := map[station.Place]string{
		station.Unopened: "workers.unopened", station.Idle: "workers.idle", station.Closed: "workers.closed",
	}[f.now.State.At]
	switch f.now.State.At {
	case station.Suspended, station.Halted:
		words = f.faultWords()
		return f.sayWorkers(words + ".title"), []screen.Part{lead(f.faultSays(words, "what", more)), screen.Text{Words: f.faultSays(words, "do", more)}}
	case station.Closed:
		if f.now.Exported == [2]bool{true, true} {
			words = "workers.all-exported"
		}
	case station.Unopened, station.Idle:
	default:
		return f.sayWorkers("workers.idle.title"), nil
	}
	return f.sayWorkers(words + ".title"), []screen.Part{lead(f.sayWorkers(words + ".text"))}
}

// faults have words of their own, fault.<name>.title, .what and .do.
var faults = map[station.Fault]string{
	station.NoFault: "fault.none", station.PrinterFault: "fault.printer", station.MachineFault: "fault.machine", station.StorageFault: "fault.storage",
	station.SlipFault: "fault.slip", station.Impossible: "fault.impossible", station.WorkerStopped: "fault.worker",
}

func (f *Flow) faultWords() string {
	if words, known := faults[f.now.State.Fault]; known {
		return words
	}
	return faults[station.Impossible]
}

// faultSays are the words of a fault: others where nothing stands below that
// they could point to.
func (f *Flow) faultSays(words, which string, more bool) string {
	if alone := words + ".alone." + which; !more && f.words.Has(alone) {
		return f.sayWorkers(alone)
	}
	return f.sayWorkers(words + "." + which)
}

// happened says what is behind a fault, where a slip belongs, and what poll
// workers should know beside.
func (f *Flow) happened() []screen.Part {
	var parts []screen.Part
	if f.now.Problem != nil && !f.saidByFault(*f.now.Problem) {
		parts = append(parts, f.noticeParts(*f.now.Problem)...)
	}
	switch f.now.SlipDue {
	case DueInBox:
		parts = append(parts, lead(f.sayWorkers("workers.due-in-box")))
	case DueInSpoiled:
		parts = append(parts, lead(f.sayWorkers("workers.due-in-spoiled")))
	}
	for _, n := range f.now.Notices {
		if f.now.Problem == nil || n.Code != f.now.Problem.Code {
			parts = append(parts, f.noticeParts(n)...)
		}
	}
	return parts
}

// saidByFault reports whether the fault's own words say all that a notice does.
func (f *Flow) saidByFault(n Notice) bool {
	return n.Code == map[station.Fault]string{station.MachineFault: "machine-fault", station.StorageFault: "storage", station.Impossible: "impossible"}[f.now.State.Fault]
}

// exported are the two media, each with whether it is written.
func (f *Flow) exported() screen.Facts {
	var facts screen.Facts
	for i, written := range f.now.Exported {
		row := screen.Fact{
			Name: f.sayWorkers("workers.medium", "N", i+1), Value: f.sayWorkers("workers.not-written"), Press: press("export", i+1),
			Change: f.sayWorkers("workers.write"),
		}
		if written {
			row.Value, row.Change = f.sayWorkers("workers.written"), f.sayWorkers("workers.write-again")
		}
		facts.Rows = append(facts.Rows, row)
	}
	return facts
}

func (f *Flow) menuItems(names []string) []screen.Option {
	var items []screen.Option
	for _, name := range names {
		if name == "identify" && !f.mayIdentify() || name == "counts" && f.now.Counts == nil {
			continue
		}
		items = append(items, screen.Option{Press: name, Label: f.sayWorkers("workers." + name), Note: f.sayWorkers("workers." + name + ".note")})
	}
	return items
}

// menuButtons are the acts of a place. Switches that have opened come first:
// nothing goes on before.
func (f *Flow) menuButtons(names []string) []screen.Button {
	var buttons []screen.Button
	add := func(name string, role screen.Role) {
		buttons = append(buttons, screen.Button{Press: name, Label: f.sayWorkers("workers." + name), Role: role})
	}
	if f.tampered() {
		add("clear", screen.Next)
	}
	for i, name := range names {
		role := screen.Other
		switch {
		case name == "leave-workers":
			buttons = append(buttons, f.leaveButton(screen.Next))
			continue
		case name == "restart" && (f.now.State.Fault == station.MachineFault || f.now.State.Fault == station.Impossible):
		case i == 0 && len(buttons) == 0:
			role = screen.Next
		}
		add(name, role)
	}
	if !slices.Contains(names, "leave-workers") {
		buttons = append(buttons, f.leaveButton(screen.Back))
	}
	return buttons
}

func (f *Flow) tampered() bool {
	return slices.ContainsFunc(f.now.Notices, func(n Notice) bool { return n.Code == "tampered" || n.Code == "switch-open" })
}
