package flow

import (
	"slices"
	"strconv"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// countsScreen shows what the station has counted. While the polls are open
// some counts would say of one voter what became of a ballot: they are −1, and
// not shown.
func (f *Flow) countsScreen() screen.Screen {
	s := f.workersPage("workers-counts", screen.Plain)
	s.Title = f.sayWorkers("workers.counts.title")
	var facts screen.Facts
	hidden := false
	for _, c := range f.counted() {
		if c.n < 0 {
			hidden = true
			continue
		}
		facts.Rows = append(facts.Rows, screen.Fact{Name: f.sayWorkers("count." + c.name), Value: strconv.Itoa(c.n)})
	}
	s.Parts = []screen.Part{facts}
	if hidden {
		s.Parts = append(s.Parts, small(f.sayWorkers("workers.counts.hidden")))
	}
	s.Buttons = []screen.Button{f.backButton()}
	return s
}

type count struct {
	name string
	n    int
}

func (f *Flow) counted() []count {
	c := f.now.Counts
	if c == nil {
		return nil
	}
	return []count{
		{"registered", c.Registered}, {"attended", c.Attended}, {"identified", c.Identified}, {"cast", c.Cast}, {"challenged", c.Challenged}, {"abandoned", c.Abandoned},
		{"sessions", c.Sessions}, {"slips-printed", c.SlipsPrinted}, {"slips-voided", c.SlipsVoided},
	}
}

func (f *Flow) readinessScreen() screen.Screen {
	s := f.workersPage("workers-readiness", screen.Plain)
	s.Title, s.Parts = f.readiness()
	s.Buttons = []screen.Button{{Press: "test-self", Label: f.sayWorkers("workers.test-self")}, f.backButton()}
	return s
}

// readiness is the report of the last self-test.
func (f *Flow) readiness() (title string, parts []screen.Part) {
	if len(f.now.Report) == 0 {
		return f.sayWorkers("workers.readiness.none"), nil
	}
	title = f.sayWorkers("workers.readiness.ready")
	var r screen.Report
	for _, finding := range f.now.Report {
		if !finding.OK {
			title = f.sayWorkers("workers.readiness.not-ready")
		}
		r.Lines = append(r.Lines, f.finding(finding))
	}
	// What is not in order comes first: it is what people are here for.
	slices.SortStableFunc(r.Lines, func(a, b screen.Finding) int { return order(a.OK) - order(b.OK) })
	return title, []screen.Part{r}
}

func order(ok bool) int {
	if ok {
		return 1
	}
	return 0
}

// finding says one line of the report. What was found is in English: others see
// only what needs no language.
func (f *Flow) finding(n Finding) screen.Finding {
	part := "part." + partID(n.Part)
	line := screen.Finding{OK: n.OK, Name: n.Part}
	if f.words.Has(part) {
		line.Name = f.sayWorkers(part)
	}
	if !n.OK {
		line.What, line.Do = f.notice(n.Notice)
		if f.words.Has(part + ".fault") { // nothing that is plugged in now is at fault
			line.What, line.Do = f.sayWorkers(part+".fault"), f.sayWorkers(part+".fault.do")
			if n.Plain != "" {
				line.What += "\n" + n.Plain
			}
		}
		return line
	}
	line.What = n.What
	if f.workersLanguage() != "en" && f.words.Has(part+".ok") || n.What == "" {
		line.What = f.sayWorkers(part + ".ok")
	}
	return line
}

func partID(part string) string {
	id := []byte(part)
	for i, c := range id {
		if c == ' ' {
			id[i] = '-'
		}
	}
	return string(id)
}

// mediaScreen asks which of the media that are plugged in is the one with the
// number.
func (f *Flow) mediaScreen() screen.Screen {
	n := f.workers.medium
	s := f.workersPage("workers-media", screen.Plain)
	s.Title = f.sayWorkers("workers.media.title", "N", n)
	s.Parts = []screen.Part{lead(f.sayWorkers("workers.media.text", "N", n))}
	o := screen.Options{Act: true}
	for i, m := range f.now.Media {
		item := screen.Option{Press: press("medium", i+1), Label: mediumName(m), Note: size(m.Bytes)}
		if m.Protected {
			item.Note += " · " + f.sayWorkers("workers.media.protected")
		}
		if i < 9 {
			item.Key = rune('1' + i)
		}
		o.Items = append(o.Items, item)
	}
	if len(o.Items) > 0 {
		s.Parts = append(s.Parts, o)
	} else {
		s.Parts = append(s.Parts, screen.Text{Words: f.sayWorkers("workers.media.none")})
	}
	s.Buttons = []screen.Button{{Press: "look", Label: f.sayWorkers("workers.media.look")}, f.backButton()}
	return s
}

func mediumName(m Medium) string {
	if m.Name == "" {
		return m.Source
	}
	return m.Name + " (" + m.Source + ")"
}

// size is how much a medium holds, as is printed on it.
func size(bytes int64) string {
	if bytes < 1e9 {
		return strconv.FormatInt(bytes/1e6, 10) + " MB"
	}
	return strconv.FormatFloat(float64(bytes)/1e9, 'f', 1, 64) + " GB"
}

// paperSteps is how many steps the guidance for each printer has.
const paperSteps = 5

func (f *Flow) paperScreen() screen.Screen {
	w := &f.workers
	if f.now.State.At == station.Idle {
		s := f.workersTold("workers-paper-suspend", screen.Warning, "workers.paper-suspend")
		s.Buttons = []screen.Button{{Press: "suspend", Label: f.sayWorkers("workers.suspend"), Role: screen.Next}, f.backButton()}
		return s
	}
	if w.page == paperPage {
		s := f.workersTold("workers-paper", screen.Plain, "workers.paper")
		s.Parts = append(s.Parts, screen.Options{Act: true, Items: []screen.Option{
			{Press: string(slipPaper), Label: f.sayWorkers("workers.paper.slip"), Key: '1'},
			{Press: string(receiptPaper), Label: f.sayWorkers("workers.paper.receipt"), Key: '2'},
		}})
		s.Buttons = []screen.Button{f.backButton()}
		return s
	}
	words, printer := "workers.paper-receipt", "receipt"
	if w.page == slipPaper {
		words, printer = "workers.paper-slip", "slip"
	}
	s := f.workersPage(screen.ID("workers-"+string(w.page)), screen.Plain)
	s.Title = f.sayWorkers(words + ".title")
	for i := 1; i <= paperSteps; i++ {
		s.Parts = append(s.Parts, screen.Text{Words: strconv.Itoa(i) + ". " + f.sayWorkers(words+"."+strconv.Itoa(i))})
	}
	s.Parts = append(s.Parts, f.paperNow(printer)...)
	s.Buttons = []screen.Button{{Press: "look", Label: f.sayWorkers("workers.paper.look"), Role: screen.Next}, f.backButton()}
	return s
}

// paperNow says what the station knows of a printer.
func (f *Flow) paperNow(printer string) []screen.Part {
	for _, n := range f.now.Notices {
		if n.concerns(printer) {
			return f.noticeParts(n)
		}
	}
	return []screen.Part{lead(f.sayWorkers("workers.paper.no-fault"))}
}
