package flow

import (
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// A workers is where the poll workers are in their own screens. It holds
// nothing of a voter but, while two of them stand in for a card, the number
// that one of them types.
type workers struct {
	open     bool   // somebody has asked for their screens
	language string // "": the first that voters are offered
	look     screen.Look
	page     page
	typed    digits // PIN, passphrase or number

	asked  Act // what was asked for last
	begun  bool
	result result
	medium int // of Export: 1 or 2
	reason Reason
}

// A page is one of the screens that poll workers go to by themselves.
type page string

// The pages. The zero value is the one of the place where the station is.
const (
	home           page = ""
	closeConfirm   page = "close"
	countsPage     page = "counts"
	readinessPage  page = "readiness"
	mediaPage      page = "media"
	paperPage      page = "paper"
	slipPaper      page = "paper-slip"
	receiptPaper   page = "paper-receipt"
	identifyNumber page = "identify"
	identifyReason page = "identify-reason"
	identifyCheck  page = "identify-check"
)

// A result is what became of what was asked for.
type result int

const (
	noResult result = iota
	done
	notDone
)

// suspend is what is asked for without anybody's card.
const suspend Act = "suspend"

// forWorkers reports whether the screen is the poll workers'. A voter in a
// session sees none of theirs, whatever was left open.
func (f *Flow) forWorkers() bool {
	switch {
	case f.now.Phase != Running:
		return true
	case f.now.Ask == OfficialCard || f.now.Ask == OfficialPIN:
		return true
	case inSession(f.now):
		return false
	}
	return f.workers.open || f.now.Act != NoAct
}

// updateWorkers follows what has become of what poll workers asked for. The
// order matters: an act that has begun is not yet done.
func (f *Flow) updateWorkers(before Situation) {
	w := &f.workers
	if f.now.Ask != before.Ask || f.now.Phase != before.Phase || f.now.WrongPIN && !before.WrongPIN {
		w.typed.wipe()
	}
	switch {
	case f.now.Phase != Running:
		w.ask(NoAct)
		w.page = home
	case f.now.Act != NoAct:
		w.open, w.asked, w.begun, w.result = true, f.now.Act, true, noResult
	case inSession(f.now) || f.now.Unattended && !before.Unattended:
		f.closeWorkers()
	case w.asked == suspend && f.now.State.At == station.Suspended:
		w.asked = NoAct
	case w.begun && f.now.Done == w.asked:
		w.leavePage()
		w.result = done
	case w.asked != NoAct && f.now.Said != nil:
		w.result = notDone
	case w.result == notDone:
		w.ask(NoAct)
	}
	if f.now.State.At != before.State.At && !w.atPaper() {
		w.leavePage()
	}
}

// closeWorkers goes back to the voters' screens, and forgets what was typed.
func (f *Flow) closeWorkers() {
	f.workers.typed.wipe()
	f.workers = workers{}
}

// leavePage goes to the screen of the station's place.
func (w *workers) leavePage() {
	w.typed.wipe()
	w.page, w.reason = home, ""
}

// atPaper reports whether the guidance for paper is up, which leads from open
// polls to suspended ones.
func (w *workers) atPaper() bool {
	return w.page == paperPage || w.page == slipPaper || w.page == receiptPaper
}

// ask notes what was asked for, to tell what became of it.
func (w *workers) ask(a Act) {
	w.asked, w.begun, w.result = a, false, noResult
}

// pressWorkers takes a touch on a poll workers' screen, or on the tool that
// leads there. Flow.Press has seen that the screen offers it.
func (f *Flow) pressWorkers(name string) []Command {
	w := &f.workers
	if f.pressWorkersTool(name) {
		return nil
	}
	switch {
	case name == openWorkers:
		f.closeWorkers()
		w.open = true
		return []Command{AnswerCall{}}
	case name == "leave-workers":
		f.closeWorkers()
		return nil
	case f.now.Phase != Running:
		return f.pressNotRunning(name)
	case f.now.Ask == OfficialCard || f.now.Ask == OfficialPIN || f.now.Act != NoAct:
		return f.pressAct(name)
	case w.result != noResult:
		w.ask(NoAct)
		return nil
	}
	return f.pressPage(name)
}

// pressNotRunning takes a touch before the station runs. Whoever is there then
// goes on to the poll workers' screens, not to the voters'.
func (f *Flow) pressNotRunning(name string) []Command {
	w := &f.workers
	w.open = true
	switch name {
	case "enter":
		return []Command{Unlock{w.typed.take()}}
	case "start":
		return []Command{Start{}}
	case "test-self":
		return []Command{TestSelf{}}
	}
	w.typed.key(name)
	return nil
}

// pressAct takes a touch while poll workers' cards are asked for.
func (f *Flow) pressAct(name string) []Command {
	w := &f.workers
	switch name {
	case "cancel":
		w.ask(NoAct)
		w.leavePage()
		return []Command{Cancel{}}
	case "enter":
		return []Command{EnterPIN{w.typed.take()}}
	}
	w.typed.key(name)
	return nil
}

// actButtons are the buttons that begin an act at once. Closing is not among them:
// it is asked about first.
var actButtons = map[string]Act{"open": Open, "resume": Resume, "restart": Restart, "clear": Clear, "reprint": Reprint}

// pressPage takes a touch on one of the pages.
func (f *Flow) pressPage(name string) []Command {
	w := &f.workers
	if act, is := actButtons[name]; is {
		w.ask(act)
		return []Command{Begin{act}}
	}
	if n, is := number(name, "medium:"); is {
		w.ask(Export)
		return []Command{ExportTo{Number: w.medium, Source: f.now.Media[n-1].Source}}
	}
	if n, is := number(name, "export:"); is {
		w.medium, w.page = n, mediaPage
		return []Command{Look{}}
	}
	if reason, is := strings.CutPrefix(name, "reason:"); is {
		w.reason, w.page = Reason(reason), identifyCheck
		return nil
	}
	switch name {
	case "close":
		w.page = closeConfirm
	case "close-yes":
		w.leavePage()
		w.ask(Close)
		return []Command{Begin{Close}}
	case "suspend":
		w.ask(suspend)
		return []Command{Suspend{}}
	case "test-self":
		return []Command{TestSelf{}}
	case "look":
		return []Command{Look{}}
	case "counts", "readiness", "paper", "paper-slip", "paper-receipt":
		w.page = page(name)
	case "identify", "enter", "identify-yes":
		return f.pressIdentify(name)
	case "back", "close-no":
		f.pressBack()
	default:
		f.typeHolder(name)
	}
	return nil
}

// backTo are the pages from which "back" does not lead home.
var backTo = map[page]page{slipPaper: paperPage, receiptPaper: paperPage, identifyReason: identifyNumber, identifyCheck: identifyReason}

func (f *Flow) pressBack() {
	w := &f.workers
	to := backTo[w.page]
	if to == home {
		w.leavePage()
		return
	}
	w.page = to
}

// pressWorkersTool takes a touch in the top row.
func (f *Flow) pressWorkersTool(name string) bool {
	w := &f.workers
	switch name {
	case "size":
		w.look.Size = (w.look.Size + 1) % screen.Sizes
	case "contrast":
		w.look.Contrast = !w.look.Contrast
	case "voice":
		w.look.Voice.On = !w.look.Voice.On
	case "language":
		w.language = after(f.languages(), f.workersLanguage())
	default:
		return false
	}
	return true
}

// after is the language after another one, and the first after the last.
func after(all []string, one string) string {
	for i, tag := range all {
		if tag == one {
			return all[(i+1)%len(all)]
		}
	}
	return one
}

// workersLanguage is the language of the poll workers' screens.
func (f *Flow) workersLanguage() string {
	if f.workers.language != "" {
		return f.workers.language
	}
	if all := f.languages(); len(all) > 0 {
		return all[0]
	}
	return ""
}

func (f *Flow) sayWorkers(id string, args ...any) string {
	return f.sayIn(f.workersLanguage(), id, args...)
}

func press(name string, n int) string { return name + ":" + strconv.Itoa(n) }
