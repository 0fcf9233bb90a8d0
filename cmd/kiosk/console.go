package main

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

// A console is the plain front end: it prints what the View says and takes
// words.
type console struct {
	k    *kiosk.Kiosk
	in   io.Reader
	v    terminal.Voice
	e    *record.Election
	keys *terminal.Keyring

	said   string   // what was printed last
	more   []string // and below it
	hidden bool     // what is typed is not shown

	wanted string // the place that a script waits for
	until  <-chan time.Time
}

var errQuit = errors.New("quit")

func newConsole(in io.Reader, v terminal.Voice, e *record.Election, keys *terminal.Keyring) *console {
	return &console{in: in, v: v, e: e, keys: keys}
}

const consoleHelp = `A voter:
    pin                   then the digits of the card's PIN, which are not shown
    choose N N …          for each question 0 (paper not taken) or an option's number
    cast                  the slip is right: deposit it
    challenge             test the machine: the ballot is opened and does not count
Poll workers, who then insert their cards (or: sign FILE, for a key in a file):
    open, close           two of them
    suspend, void         stop the polls; end a session. Nobody's card is asked for
    resume                after suspend, a repair, or a power cut
    restart               after the station halted and somebody has looked
    clear                 a switch that has opened: two of them
    reprint               the closing tape
    export N MEDIUM       the bundle to medium 1 or 2
    cancel                end what has begun
Anybody:
    counts, status, help, quit
    wait PLACE [SECONDS]  read on when the station is there (for scripts)`

// command does what a line says.
func (c *console) command(line string) error {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	if c.asksPIN() && isDigits(words[0]) {
		c.report(c.k.EnterPIN(words[0]))
		return nil
	}
	word, args := words[0], words[1:]
	switch word {
	case "quit":
		return errQuit
	case "help":
		c.v.Say("%s", consoleHelp)
	case "status":
		c.said, c.more = "", nil
		c.show(c.k.View())
	case "counts":
		c.counts()
	case "wait":
		c.report(c.wait(args))
	case "pin":
		c.v.Say("type the digits of the PIN when it is asked for")
	case "choose":
		c.report(c.choose(args))
	case "cast":
		c.k.Cast()
	case "challenge":
		c.k.Challenge()
	case "suspend":
		c.report(c.k.Suspend())
	case "void":
		c.report(c.k.VoidSession())
	case "cancel":
		c.k.Cancel()
	case "sign":
		c.report(c.sign(args))
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
		c.v.Say("unknown word; help lists them") // not repeated: it may be a PIN
		return
	}
	c.report(c.k.Begin(kiosk.Act(word)))
}

func (c *console) report(err error) {
	if err != nil {
		c.v.Say("not done: %v", err)
	}
}

func (c *console) choose(args []string) error {
	var selections []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			return errors.New("choose takes a number for each question")
		}
		selections = append(selections, n)
	}
	return c.k.Choose(selections)
}

func (c *console) sign(args []string) error {
	if len(args) != 1 {
		return errors.New("sign takes the file of an official's key")
	}
	words, err := c.keys.Ask("the passphrase of the official's key", true)
	if err != nil {
		return err
	}
	key, err := provisioning.ReadKey(args[0], words.Export())
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

func (c *console) counts() {
	n, err := c.k.Counts()
	if err != nil {
		c.report(err)
		return
	}
	c.v.Say("registered %d, attended %d, sessions %d, cast %d, challenged %d, abandoned %d, slips printed %d, voided %d",
		n.Registered, n.Attendances, n.Sessions, n.Cast, n.Challenged, n.Abandoned, n.SlipsPrinted, n.SlipsVoided)
}

// wait lets a script go on only when the station is at a place.
func (c *console) wait(args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return errors.New("wait takes a place, and how many seconds at most")
	}
	seconds := 30
	if len(args) == 2 {
		var err error
		if seconds, err = strconv.Atoi(args[1]); err != nil {
			return errors.New("seconds are a number")
		}
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

// hide keeps what is typed off the screen while a PIN is asked for.
func (c *console) hide(hidden bool) {
	f, ok := c.in.(*os.File)
	if !ok || hidden == c.hidden {
		return
	}
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return // not a terminal
	}
	t.Lflag |= unix.ECHO
	if hidden {
		t.Lflag &^= unix.ECHO
	}
	if unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t) == nil {
		c.hidden = hidden
	}
}

func (c *console) close() { c.hide(false) }

// show prints what has changed: what the station does, and what is new below
// it.
func (c *console) show(v kiosk.View) {
	c.hide(v.Ask == kiosk.VoterPIN || v.Ask == kiosk.OfficialPIN)
	first, more := describe(v, c.e)
	if first == c.said && slices.Equal(more, c.more) {
		return
	}
	c.v.Say("%s", first)
	for _, line := range more {
		if !slices.Contains(c.more, line) {
			c.v.Say("%s", line)
		}
	}
	c.said, c.more = first, more
}
