package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
)

// A console is the plain front end: it prints what the View says and takes
// words.
type console struct {
	k    *kiosk.Kiosk
	in   io.Reader
	tty  *os.File // in, if it is a terminal
	p    page
	e    *record.Election
	keys *terminal.Keyring

	at     station.Place // what was shown last
	said   string        // what was printed last
	more   []string      // and below it
	hidden bool          // what is typed is not shown

	// secret takes the next line, which is a passphrase. If nil, it is a
	// command.
	secret func(line string) error
	asks   bool // passphrases are typed here

	wanted string // the place that a script waits for
	until  <-chan time.Time
}

var errQuit = errors.New("quit")

// newConsole is a console that takes what is typed on in. With a terminal and no
// file of passphrases they are typed there as well: two readers of one terminal
// would take lines from each other.
func newConsole(in io.Reader, p page, e *record.Election, keys *terminal.Keyring, file bool) *console {
	c := &console{in: in, tty: tty(in), p: p, e: e, keys: keys}
	c.asks = c.tty != nil && !file
	return c
}

const consoleHelp = `A voter:
    (digits)              the card's PIN, when it is asked for; it is not shown
    choose N N …          for each question 0 (paper not taken) or an option's number
    cast                  the slip is right: deposit it
    challenge             test the machine: the ballot is opened and does not count
Poll workers, who then insert their cards (or: sign FILE, for a key in a file):
    open, close           two of them
    suspend, void         stop the polls; end a session. Nobody's card is asked for
    resume                after suspend, a repair, or a power cut: two of them
    restart               after the station halted and two have looked: two of them
    clear                 a switch that has opened: two of them
    identify REASON       a voter whose card is damaged, blocked, missing or not-issued:
                          two of them; the number is typed then, and not shown
    leave                 the screen of such a voter, who has cast
    reprint               the closing tape
    media                 which removable media are plugged in
    export N MEDIUM       the bundle to medium 1 or 2
    cancel                end what has begun
Anybody:
    counts, status, help, quit
    wait PLACE [SECONDS]  read on when the station is there (for scripts)`

// command does what a line says.
func (c *console) command(line string) error {
	if take := c.secret; take != nil {
		c.secret = nil
		c.hide(false)
		c.report(take(line))
		return nil
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	if c.asksPIN() && isDigits(words[0]) {
		c.report(c.enterPIN(words[0]))
		return nil
	}
	word, args := strings.ToLower(words[0]), words[1:]
	switch word {
	case "quit":
		return errQuit
	case "help":
		c.p.say(consoleHelp, strings.Repeat(" ", 26))
	case "status":
		c.said, c.more = "", nil
		c.show(c.k.View())
	case "counts":
		c.counts()
	case "wait":
		c.report(c.wait(args))
	case "pin":
		c.p.say("type the digits of the PIN when it is asked for", "")
	case "choose":
		c.report(c.choose(args))
	case "cast":
		c.report(c.decide(c.k.Cast))
	case "challenge":
		c.report(c.decide(c.k.Challenge))
	case "identify":
		c.report(c.identify(args))
	case "leave":
		c.k.Leave()
	case "suspend":
		c.report(c.k.Suspend())
	case "void":
		c.report(c.k.VoidSession())
	case "cancel":
		c.report(c.cancel())
	case "sign":
		c.report(c.sign(args))
	case "media":
		c.media()
	case "export":
		c.report(c.export(args))
	default:
		c.act(word)
	}
	return nil
}

func (c *console) act(word string) {
	acts := []kiosk.Act{kiosk.Open, kiosk.Resume, kiosk.Restart, kiosk.Clear, kiosk.Close, kiosk.Reprint}
	if !slices.Contains(acts, kiosk.Act(word)) {
		c.p.say("unknown word; help lists them", "") // not repeated: it may be a PIN
		return
	}
	c.report(c.k.Begin(kiosk.Act(word)))
}

func (c *console) report(err error) {
	if err != nil {
		c.p.say("not done: "+plain(err), "    ")
	}
}

// plain says an error, and what to do about it if that is known.
func plain(err error) string {
	what, do := kiosk.Plain(err)
	if do == "" {
		return what
	}
	return what + ": " + do
}

func (c *console) enterPIN(digits string) error {
	if c.k.View().Blocked {
		return errors.New("the card is blocked: take it out")
	}
	return c.k.EnterPIN(digits)
}

// decide casts or challenges, where there is a slip to decide about.
func (c *console) decide(do func()) error {
	v := c.k.View()
	if v.State.At != station.Deciding {
		return errors.New("no slip waits for it")
	}
	do()
	if v := c.k.View(); v.State.At == station.Deciding {
		return errors.New("not possible any more: cast, or take the card out")
	}
	return nil
}

func (c *console) cancel() error {
	if v := c.k.View(); v.Act == "" && v.Ask == kiosk.Nothing {
		return errors.New("nothing has begun")
	}
	c.k.Cancel()
	return nil
}

func (c *console) choose(args []string) error {
	if c.k.View().State.At != station.Choosing {
		return errors.New("nobody is asked to choose now")
	}
	if n := len(c.e.Manifest.Questions); len(args) != n {
		return fmt.Errorf("choose takes a number for each question: here %d", n)
	}
	var selections []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			return errors.New("choose takes a number for each question")
		}
		if options := len(c.e.Manifest.Questions[len(selections)].Options); n < 0 || n > options {
			return fmt.Errorf("question %d: choose from 0 to %d", len(selections)+1, options)
		}
		selections = append(selections, n)
	}
	return c.k.Choose(selections)
}

// identify takes the number on an identity document as the next line.
func (c *console) identify(args []string) error {
	if len(args) != 1 || !slices.Contains(record.CardReasons(), record.CardReason(args[0])) {
		return errors.New("identify takes a reason: damaged, blocked, missing or not-issued")
	}
	c.hide(true)
	c.p.say("type the number on the identity document", "    ")
	c.secret = func(line string) error { return c.k.IdentifyVoter([]byte(line), record.CardReason(args[0])) }
	return nil
}

func (c *console) sign(args []string) error {
	if len(args) != 1 {
		return errors.New("sign takes the file of an official's key")
	}
	if c.k.View().Act == "" {
		return errors.New("nothing has begun that is signed")
	}
	if c.asks {
		c.hide(true)
		c.p.say("type the passphrase of "+args[0], "    ")
		c.secret = func(line string) error { return c.signWith(args[0], line) }
		return nil
	}
	words, err := c.keys.Ask("the passphrase of the official's key", true)
	if err != nil {
		return err
	}
	return c.signWith(args[0], words.Export())
}

func (c *console) signWith(file, passphrase string) error {
	key, err := provisioning.ReadKey(file, passphrase)
	if err != nil {
		return err
	}
	return c.k.Sign(key.Signer())
}

func (c *console) export(args []string) error {
	if len(args) != 2 || (args[0] != "1" && args[0] != "2") {
		return errors.New("export takes 1 or 2, and the medium's device")
	}
	n, _ := strconv.Atoi(args[0])
	return c.k.Export(kiosk.Medium{Number: n, Source: args[1]})
}

// media lists what can be exported to.
func (c *console) media() {
	all, err := media.List()
	if err != nil {
		c.report(err)
		return
	}
	for _, m := range all {
		protected := ""
		if m.Protected {
			protected = ", write-protected"
		}
		c.p.say(fmt.Sprintf("%s: %.1f GB, %s%s", m.Source, float64(m.Size)/1e9, m.Model, protected), "    ")
	}
	if len(all) == 0 {
		c.p.say("no removable medium is plugged in", "")
	}
}

// counts are not for the time between two voters: they say of the one in the middle
// whether a ballot was cast, challenged or left.
func (c *console) counts() {
	switch c.k.View().State.At {
	case station.Unopened, station.Suspended, station.Closed:
	default:
		c.report(errors.New("the counts are shown before the polls open, while they are suspended, and when they are closed"))
		return
	}
	n, err := c.k.Counts()
	if err != nil {
		c.report(err)
		return
	}
	c.p.v.Say("registered %d, attended %d, sessions %d", n.Registered, n.Attendances, n.Sessions)
	c.p.v.Say("ballots: cast %d, challenged %d; sessions abandoned %d", n.Cast, n.Challenged, n.Abandoned)
	c.p.v.Say("slips: printed %d, voided %d", n.SlipsPrinted, n.SlipsVoided)
}

// wait lets a script go on only when the station is at a place.
func (c *console) wait(args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return errors.New("wait takes a place, and how many seconds at most")
	}
	seconds := 30
	if len(args) == 2 {
		var err error
		if seconds, err = strconv.Atoi(args[1]); err != nil || seconds < 1 || seconds > 600 {
			return errors.New("wait takes from 1 to 600 seconds")
		}
	}
	if !isPlace(args[0]) {
		return errors.New("there is no such place to wait for")
	}
	c.wanted, c.until = strings.ToLower(args[0]), time.After(time.Duration(seconds)*time.Second)
	return nil
}

// waiting reports whether what is typed has to wait.
func (c *console) waiting() bool {
	v := c.k.View()
	if c.wanted == strings.ToLower(v.State.At.String()) && v.Ask == kiosk.Nothing || c.wanted == askWord(v.Ask) {
		c.wanted = ""
	}
	return c.wanted != ""
}

// isPlace reports whether a word is what the station can be at, or ask for.
func isPlace(word string) bool {
	for at := station.Unopened; at <= station.Halted; at++ {
		if strings.EqualFold(word, at.String()) {
			return true
		}
	}
	return strings.EqualFold(word, "pin") || strings.EqualFold(word, "card")
}

func (c *console) deadline() <-chan time.Time {
	if c.wanted == "" {
		return nil
	}
	return c.until
}

func askWord(a kiosk.Ask) string {
	return map[kiosk.Ask]string{kiosk.VoterPIN: "pin", kiosk.OfficialPIN: "pin", kiosk.OfficialCard: "card"}[a]
}

func (c *console) asksPIN() bool {
	ask := c.k.View().Ask
	return ask == kiosk.VoterPIN || ask == kiosk.OfficialPIN
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func (c *console) close() { c.hide(false) }

// show prints what has changed: what the station does, and what is new below
// it.
func (c *console) show(v kiosk.View) {
	if at := c.at; (at == station.Choosing || at == station.Deciding) && v.State.At != at {
		c.wipe()
	}
	c.at = v.State.At
	c.hide(v.Ask == kiosk.VoterPIN || v.Ask == kiosk.OfficialPIN)
	first, more := describe(v, c.e)
	if first == c.said && slices.Equal(more, c.more) {
		return
	}
	var fresh []string
	for _, line := range more {
		if !slices.Contains(c.more, line) {
			fresh = append(fresh, line)
		}
	}
	if first != c.said || len(fresh) == 0 { // or something below it has gone
		c.p.say(first, "    ")
	}
	for _, line := range fresh {
		c.p.say("  "+line, "    ")
	}
	c.said, c.more = first, more
}
