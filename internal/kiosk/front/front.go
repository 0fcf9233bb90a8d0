// Package front joins the kiosk to its screens: what the kiosk shows becomes a
// situation of package flow, and what flow asks for is done by the kiosk. It
// decides nothing; there is no window in it (docs/adr/0029-one-kiosk-behind-every-screen.md).
package front

import (
	"errors"
	"fmt"
	"time"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/record"
)

// Options are what a Front is given.
type Options struct {
	Config   *kiosk.Config
	Election *record.Election
	Kiosk    kiosk.Options // Show is the Front's

	// VoiceLost tells that nothing is read aloud any more. If nil, nobody does.
	VoiceLost <-chan error

	// Show is called with every new screen, from the Front's goroutine.
	Show func(screen.Screen)
}

// A Front runs a kiosk behind screens, in one goroutine: Run.
type Front struct {
	options Options
	flow    *flow.Flow
	k       *kiosk.Kiosk // nil: not started
	now     flow.Situation
	touches chan touch

	unattended *time.Timer

	// What became of the last touch, until the next one: the kiosk's View does not
	// say it, because nothing has begun.
	refused error
	noPIN   bool

	voiceLost bool // since the last start
}

// unattendedAfter is after how long without a touch a screen that somebody left
// gives way to the first one, while nobody votes.
const unattendedAfter = time.Minute

// A touch is something pressed on a screen.
type touch struct {
	name string
	on   shown
}

// shown tells one screen from the next: a touch that was meant for a screen
// that is gone is not taken for one on the screen that came instead.
type shown struct {
	id    screen.ID
	step  string
	title string
}

func of(s screen.Screen) shown { return shown{s.ID, s.Step, s.Title} }

// New makes a Front. Nothing is opened before Run.
func New(o Options) (*Front, error) {
	words, err := locale.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the words of the screens: %w", err)
	}
	place, err := placeOf(o.Election.Manifest, o.Config.Station)
	if err != nil {
		return nil, err
	}
	return &Front{options: o, flow: flow.New(Setup(o.Election, place, o.Config.Reader.Document), words), touches: make(chan touch, 16), unattended: time.NewTimer(unattendedAfter)}, nil
}

// Press takes what was pressed on a screen that was shown. It may be called
// from any goroutine; where the Front has more to do than it can remember, the
// touch is lost, as it is on a machine that works.
func (f *Front) Press(name string, on screen.Screen) {
	select {
	case f.touches <- touch{name, of(on)}:
	default:
	}
}

// Run looks at the machine, starts it and serves until stop is closed. The
// polls stay as they are.
func (f *Front) Run(stop <-chan struct{}) error {
	f.start()
	for {
		var events <-chan kiosk.Event
		if f.k != nil {
			events = f.k.Events()
		}
		select {
		case e := <-events:
			f.k.Handle(e)
			f.look()
		case t := <-f.touches:
			f.press(t)
		case <-f.unattended.C:
			f.now.Unattended = true
			f.update()
		case <-f.options.VoiceLost:
			f.voiceLost = true
			f.look()
		case <-stop:
			return f.end()
		}
	}
}

// start asks for the passphrase, where one is typed on the screen, and starts
// the kiosk.
func (f *Front) start() {
	said := f.end()
	f.voiceLost = false
	f.now = flow.Situation{Phase: flow.Starting, Said: notice(said)}
	if f.options.Config.Key.TPM != "" || f.options.Kiosk.Passphrase != nil {
		f.startWith(f.options.Kiosk.Passphrase)
		return
	}
	f.now.Phase = flow.Locked
	f.update()
}

// startWith looks at every part and starts the kiosk. What does not start is
// said on the screen, where poll workers try again; a wrong passphrase is typed
// again.
func (f *Front) startWith(passphrase func() (string, error)) {
	f.now.Phase, f.now.Said = flow.Starting, nil
	f.update()
	o := f.options.Kiosk
	o.Passphrase, o.Show = passphrase, f.show
	f.now.Report = report(kiosk.SelfTest(f.options.Config, o))
	k, err := kiosk.Start(f.options.Config, o)
	if err != nil {
		f.now.Phase, f.now.Said = flow.NotStarted, notice(err)
		if f.options.Kiosk.Passphrase == nil && errors.Is(err, keygen.ErrPassphrase) {
			f.now.Phase = flow.Locked
		}
		f.update()
		return
	}
	f.k, f.now.Phase = k, flow.Running
	f.look()
}

// show takes what the kiosk shows. It is called by the kiosk, in the middle of
// what it does.
func (f *Front) show(v kiosk.View) {
	f.now = f.situation(v)
	f.update()
}

// look is show for after what the kiosk did: with what it may be asked for then.
func (f *Front) look() {
	if f.k == nil {
		return
	}
	was := f.now.State.At
	f.now = f.situation(f.k.View())
	f.now.Counts = f.counts()
	if f.now.State.At != was {
		f.attended()
	}
	f.update()
}

func (f *Front) update() {
	f.flow.Update(f.now)
	f.options.Show(f.flow.Screen())
}

func (f *Front) press(t touch) {
	if t.on != of(f.flow.Screen()) {
		return
	}
	f.attended()
	f.refused, f.noPIN = nil, false
	if f.k != nil {
		f.k.Touch()
	}
	for _, c := range f.flow.Press(t.name) {
		f.carryOut(c)
	}
	f.look()
	f.options.Show(f.flow.Screen()) // before the kiosk runs, a touch changes the screen alone
}

// attended says that somebody is there.
func (f *Front) attended() {
	f.unattended.Reset(unattendedAfter)
	f.now.Unattended = false
}

// end closes the kiosk, if one runs.
func (f *Front) end() error {
	if f.k == nil {
		return nil
	}
	k := f.k
	f.k = nil
	return k.Close()
}
