package kiosk

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// An Act is what poll workers do. The zero value is none.
type Act string

// The acts. Suspending needs nobody's card: whoever sees something wrong stops
// the polls at once.
const (
	Open    Act = "open"
	Resume  Act = "resume"
	Restart Act = "restart" // after the machine halted and a person has looked
	Clear   Act = "clear"   // the switches that have opened
	Close   Act = "close"
	Reprint Act = "reprint" // the closing tape
	Export  Act = "export"

	Identify Act = "identify" // a voter whose card does not work
)

// workers is how many poll workers an act needs.
var workers = map[Act]int{Open: 2, Resume: 2, Restart: 2, Clear: 2, Close: 2, Reprint: 1, Export: 1, Identify: 2}

// purposes are what poll workers sign that they are here for. Who closes signs
// the closing statement itself.
var purposes = map[Act]record.Purpose{
	Open: record.PurposeOpen, Resume: record.PurposeResume, Restart: record.PurposeRestart, Clear: record.PurposeTamper, Reprint: record.PurposeReprint,
	Export: record.PurposeExport,
}

// errBegun is returned for an act while another one waits for its poll workers.
var errBegun = errors.New("another act has begun; cancel it first")

// signedError is returned for a poll worker who has signed already.
type signedError struct{ number int }

func (e *signedError) Error() string {
	return fmt.Sprintf("official %d has signed already: another one is needed", e.number)
}

// switchError is returned while switches have opened.
type switchError struct{ lines []panel.Line }

func (e *switchError) Error() string { return "open: " + Lines(e.lines) }

// act is an act that waits for its poll workers.
type act struct {
	kind    Act
	message []byte // what they sign
	have    []signed
	medium  *Medium // of Export

	identification *machine.Identification // of Identify
}

// signed is one poll worker's signature.
type signed struct {
	number    int
	key       crypto.PublicKey
	signature []byte
}

// Begin begins an act; the View asks for poll workers' cards. With a key that
// is not in a card, call Sign.
func (k *Kiosk) Begin(a Act) error {
	switch a {
	case Export:
		return errors.New("an export needs a medium")
	case Identify:
		return errors.New("an identification needs a voter")
	}
	return k.begin(&act{kind: a})
}

func (k *Kiosk) begin(a *act) error {
	if _, known := workers[a.kind]; !known {
		return fmt.Errorf("no act %q", a.kind)
	}
	if k.act != nil {
		return errBegun
	}
	if err := k.possible(a.kind); err != nil {
		return err
	}
	if err := k.prepare(a); err != nil {
		return err
	}
	k.act = a
	k.view.Act, k.view.Need, k.view.Have, k.view.Ask, k.view.WorkerCalled = a.kind, workers[a.kind], nil, OfficialCard, false
	k.view.Done, k.view.Said = "", nil
	k.light()
	k.show()
	return nil
}

// possible refuses an act for which no poll worker should be asked to come.
func (k *Kiosk) possible(a Act) error {
	at := k.machine.State().At
	allowed := map[Act][]station.Place{
		Open: {station.Unopened}, Resume: {station.Suspended}, Restart: {station.Halted}, Close: {station.Idle, station.Suspended},
		Reprint: {station.Closed}, Export: {station.Closed}, Identify: {station.Idle},
	}[a]
	switch {
	case a == Clear && len(k.view.Tampered) == 0:
		return fmt.Errorf("no switch has opened: %w", machine.ErrNotNow)
	case a != Clear && !slices.Contains(allowed, at):
		return fmt.Errorf("the station is %v: %w", at, machine.ErrNotNow)
	case (a == Open || a == Resume) && len(k.view.Tampered) > 0:
		return &switchError{k.view.Tampered}
	case a == Open || a == Resume || a == Identify:
		return k.devicesAnswer()
	}
	return nil
}

// devicesAnswer returns an error where polls would begin and a device that is
// looked at all the time is lost.
func (k *Kiosk) devicesAnswer() error {
	if _, lost := k.view.Troubles[stationlog.Panel]; lost {
		return panel.ErrLost
	}
	if _, lost := k.view.Troubles[stationlog.CardReader]; lost {
		return eid.ErrNoReader
	}
	return nil
}

// prepare makes the message that the poll workers sign: what they close, or
// that they are here.
func (k *Kiosk) prepare(a *act) error {
	var err error
	if a.kind == Identify {
		a.message = a.identification.Message()
		return nil
	}
	if a.kind == Close {
		a.message, err = k.machine.ToSign()
		return err
	}
	var nonce [32]byte
	if _, err := io.ReadFull(k.options.Random, nonce[:]); err != nil {
		return err
	}
	a.message = record.OfficialMessage(k.election.ID, k.config.Station, purposes[a.kind], nonce)
	return nil
}

// Cancel ends an act for which not all poll workers have come.
func (k *Kiosk) Cancel() {
	k.dropCard()
	k.act = nil
	k.view.Act, k.view.Need, k.view.Have, k.view.Ask = "", 0, nil, Nothing
	k.light()
	k.show()
}

// officialCard takes a poll worker's card.
func (k *Kiosk) officialCard(e eid.Event) {
	card, err := use(e, k.official)
	if err != nil {
		k.refuseOfficial(err)
		return
	}
	k.card = card
	if card.NeedsPIN() {
		k.askPIN(OfficialPIN)
		return
	}
	k.signWithCard()
}

func (k *Kiosk) refuseOfficial(err error) {
	k.view.Said = fmt.Errorf("a poll worker's card: %w", err)
	k.note(stationlog.OfficialRefused)
}

// signWithCard lets the card in the reader sign for its holder.
func (k *Kiosk) signWithCard() {
	card := k.card
	k.card, k.view.Ask = nil, OfficialCard
	public, err := card.PublicKey()
	var signature []byte
	if err == nil {
		signature, err = card.Sign(k.act.message)
	}
	if err = errors.Join(err, card.Close()); err != nil {
		k.refuseOfficial(err)
		return
	}
	k.signed(public, signature)
}

// Sign lets a poll worker act whose key is not in a card.
func (k *Kiosk) Sign(key crypto.Signer) error {
	if k.act == nil {
		return errors.New("no act has begun")
	}
	signature, err := key.Sign(nil, k.act.message, crypto.Hash(0))
	if err != nil {
		return err
	}
	k.signed(key.Public(), signature)
	k.light()
	k.show()
	return nil
}

// signed notes who has signed, and does the act when enough have.
func (k *Kiosk) signed(public crypto.PublicKey, signature []byte) {
	a := k.act
	number, err := station.OfficialOf(k.place, public, a.message, signature)
	if err != nil {
		k.refuseOfficial(err)
		return
	}
	if slices.ContainsFunc(a.have, func(s signed) bool { return s.number == number }) {
		k.view.Said = &signedError{number}
		return
	}
	if a.kind != Identify { // of a voter nothing is logged, and no hour
		k.note(stationlog.OfficialIdentified, stationlog.By(stationlog.Official(number)))
	}
	a.have = append(a.have, signed{number, public, signature})
	k.view.Have, k.view.Said = append(k.view.Have, number), nil
	if len(a.have) < workers[a.kind] {
		return
	}
	k.act, k.view.Ask = nil, Nothing
	k.show() // the act is being done: a tape prints, a medium is written
	k.view.Said = k.perform(a)
	k.view.Act, k.view.Need, k.view.Have = "", 0, nil
	if k.view.Said == nil {
		k.view.Done = a.kind
	}
}

func (k *Kiosk) perform(a *act) error {
	switch a.kind {
	case Open:
		return k.openPolls(a.first())
	case Resume:
		return k.resume(a.first())
	case Restart:
		return k.restart()
	case Clear:
		return k.clear()
	case Close:
		return k.machine.ClosePolls(a.officials())
	case Identify:
		return k.identify(a)
	case Reprint:
		return k.machine.PrintClosingTape()
	}
	return k.export(*a.medium)
}

// errPaper is returned where polls would begin and a printer cannot print.
var errPaper = errors.New("a printer is not ready")

func (k *Kiosk) openPolls(by stationlog.Official) error {
	if err := k.paperReady(); err != nil {
		return err
	}
	return k.machine.OpenPolls(by)
}

// paperReady returns an error where polls would begin and a voter's slip could not
// be printed, or would come out in one piece with what is in the window.
func (k *Kiosk) paperReady() error {
	if !k.checkPaper() {
		return errPaper
	}
	there, err := k.panel.SlipPresent()
	if err == nil && there {
		return errWindow
	}
	return err
}

func (k *Kiosk) resume(by stationlog.Official) error {
	if err := k.paperReady(); err != nil {
		return err
	}
	return k.machine.Resume(by)
}

// Suspend stops the polls for a while.
func (k *Kiosk) Suspend() error {
	err := k.machine.Suspend(stationlog.WorkerDecided)
	k.after()
	return err
}

// VoidSession ends the session of a voter who has gone, or who cannot go on.
func (k *Kiosk) VoidSession() error {
	err := k.machine.VoidSession()
	k.after()
	return err
}

// first is the poll worker whom the log names for the act.
func (a *act) first() stationlog.Official { return stationlog.Official(a.have[0].number) }

// restart starts the machine again after it halted: the start finds out what is
// true, and drops or voids the slip.
func (k *Kiosk) restart() error {
	if k.db != nil { // not closed by a restart that failed
		err := k.db.Close()
		if k.db = nil; err != nil {
			return err
		}
	}
	db, err := openDatabase(k.config)
	if err != nil {
		return err
	}
	k.db = db
	k.paper.panel = k.panel
	return k.startMachine()
}

func (k *Kiosk) clear() error {
	var errs []error
	for _, l := range k.panel.Latched() {
		err := k.panel.Clear(l)
		errs = append(errs, err)
		if err == nil {
			k.note(stationlog.TamperCleared, stationlog.At(switchOf(l)))
		}
	}
	k.view.Tampered = k.panel.Latched()
	return errors.Join(errs...)
}

// officials are the signers of a closing statement: each has signed already,
// and signs nothing else.
func (a *act) officials() []machine.Official {
	all := slices.Clone(a.have)
	slices.SortFunc(all, func(x, y signed) int { return x.number - y.number })
	var officials []machine.Official
	for _, s := range all {
		officials = append(officials, machine.Official{Number: s.number, Key: onlySigner{s, a.message}})
	}
	return officials
}

// onlySigner is a crypto.Signer of one message.
type onlySigner struct {
	signed
	message []byte
}

func (s onlySigner) Public() crypto.PublicKey { return s.key }

func (s onlySigner) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	if string(message) != string(s.message) {
		return nil, errors.New("what is to be signed has changed: begin again")
	}
	return s.signature, nil
}
