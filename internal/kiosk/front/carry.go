package front

import (
	"strings"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/record"
)

// carryOut does what a touch asked for. What became of it is in the next View;
// what could not even begin is said to whoever touched.
func (f *Front) carryOut(c flow.Command) {
	switch c := c.(type) {
	case flow.Unlock:
		typed := c.Passphrase.Export()
		f.startWith(func() (string, error) { return typed, nil })
		return
	case flow.Start, flow.TestSelf:
		f.start()
		return
	case flow.Look:
		f.now.Media = plugged(f.options.Config.Media.Folders)
	}
	if f.k == nil {
		return
	}
	f.refused = f.ask(c)
}

func (f *Front) ask(c flow.Command) error {
	switch c := c.(type) {
	case flow.EnterPIN:
		f.noPIN = f.k.EnterPIN(c.Digits.Export()) != nil // its one error
	case flow.Choose:
		return f.k.Choose(c.Selections.Export())
	case flow.Cast:
		f.k.Cast()
	case flow.Challenge:
		f.k.Challenge()
	case flow.CallWorker:
		f.k.CallWorker()
	case flow.AnswerCall:
		f.k.AnswerCall()
	case flow.Leave:
		f.k.Leave()
	case flow.Look:
		f.k.LookAtPaper()
	case flow.Begin:
		return f.k.Begin(kiosk.Act(c.Act))
	case flow.ExportTo:
		return f.k.Export(kiosk.Medium{Number: c.Number, Source: c.Source})
	case flow.IdentifyVoter:
		reason, _ := strings.CutPrefix(string(c.Reason), "card-")
		return f.k.IdentifyVoter([]byte(c.Holder.Export()), record.CardReason(reason))
	case flow.Cancel:
		f.k.Cancel()
	case flow.Suspend:
		return f.k.Suspend()
	case flow.VoidSession:
		return f.k.VoidSession()
	}
	return nil
}
