package desk

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/station"
)

// TestMain makes the test's program the kiosk where it is called as one: with a
// front end of words, so that no window has to be compiled.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		if err := kioskOfWords(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// kioskOfWords does what it is told, line by line, and prints where the station
// is.
func kioskOfWords() error {
	config, err := kiosk.ReadConfig(os.Args[3])
	if err != nil {
		return err
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		return err
	}
	k, err := kiosk.Start(config, kiosk.Options{Software: sha256.Sum256(self), Passphrase: func() (string, error) { return Passphrase, nil }})
	if err != nil {
		return err
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(os.Stdin); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for {
		v := k.View()
		fmt.Printf("at %v ask %d in %v refused %v troubles %d tampered %d called %v battery %v said %v\n",
			v.State.At, v.Ask, v.CardIn, v.State.Refusal, len(v.Troubles), len(v.Tampered), v.WorkerCalled, v.OnBattery, v.Said)
		select {
		case e := <-k.Events():
			k.Handle(e)
		case line, more := <-lines:
			if !more {
				return k.Close()
			}
			if err := obey(k, line); err != nil {
				fmt.Println("not done:", err)
			}
		}
	}
}

func obey(k *kiosk.Kiosk, line string) error {
	words := strings.Fields(line)
	switch words[0] {
	case "pin":
		return k.EnterPIN(words[1])
	case "choose":
		var selections []int
		for _, w := range words[1:] {
			n, err := strconv.Atoi(w)
			if err != nil {
				return err
			}
			selections = append(selections, n)
		}
		return k.Choose(selections)
	case "cast":
		k.Cast()
	case "export":
		return k.Export(kiosk.Medium{Number: 1, Source: words[1]})
	default:
		return k.Begin(kiosk.Act(words[0]))
	}
	return nil
}

// A person sits at the desk.
type person struct {
	t     *testing.T
	d     *Desk
	input io.Writer
	lines chan string
	all   []string
}

func sitDown(t *testing.T) *person {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	in, input, err := os.Pipe()
	must(t, err)
	out, output := io.Pipe()
	p := &person{t: t, input: input, lines: make(chan string, 10_000)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	p.d, err = New(Config{Dir: filepath.Join(t.TempDir(), "desk"), Program: self, Input: in, Output: output})
	must(t, err)
	t.Cleanup(func() {
		must(t, p.d.Close())
		output.Close()
		input.Close()
		in.Close()
	})
	must(t, p.d.Start())
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *person) say(line string) {
	p.t.Helper()
	_, err := fmt.Fprintln(p.input, line)
	must(p.t, err)
}

// sees waits until the kiosk prints a line with one of the texts, and returns
// that text.
func (p *person) sees(texts ...string) string {
	p.t.Helper()
	late := time.After(90 * time.Second)
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				p.t.Fatalf("the kiosk ended and never said %q: %q", texts, p.all)
			}
			p.all = append(p.all, line)
			for _, text := range texts {
				if strings.Contains(line, text) {
					return text
				}
			}
		case <-late:
			p.t.Fatalf("the kiosk never said %q: %q", texts, p.all)
		}
	}
}

// shows waits until the desk's view is as it should be.
func (p *person) shows(what string, is func(View) bool) View {
	p.t.Helper()
	late := time.After(90 * time.Second)
	for {
		if v := p.d.View(); is(v) {
			return v
		}
		select {
		case <-p.d.Changed():
		case <-late:
			p.t.Fatalf("never seen: %s: %+v", what, p.d.View())
		}
	}
}

// Where cards lie.
const (
	firstSpecial  = voters
	firstOfficial = voters + 5
)

// officialsDo lets officials come for an act, as many as it takes.
func (p *person) officialsDo(act string) {
	p.t.Helper()
	p.say(act)
	p.sees(fmt.Sprintf("ask %d in false", kiosk.OfficialCard))
	for i := range officials {
		must(p.t, p.d.Insert(firstOfficial+i))
		p.sees(fmt.Sprintf("ask %d", kiosk.OfficialPIN))
		p.say("pin " + PIN)
		another := fmt.Sprintf("ask %d in true", kiosk.OfficialCard)
		said := p.sees("ask 0 in true", another)
		must(p.t, p.d.Remove())
		p.sees("in false")
		if said != another {
			return
		}
	}
	p.t.Fatalf("%d officials are not enough to %s", officials, act)
}

func (p *person) begin(voter int) {
	p.t.Helper()
	must(p.t, p.d.Insert(voter))
	p.sees(fmt.Sprintf("ask %d", kiosk.VoterPIN))
	p.say("pin " + PIN)
	p.sees("at Choosing")
}

// TestDay: a person opens, votes, is refused with every other card, cuts the
// power in the middle of a session, and closes.
func TestDay(t *testing.T) {
	p := sitDown(t)
	p.sees("at Unopened")
	p.officialsDo("open")
	p.begin(0)
	p.say("choose 1 2 3 0")
	p.sees("at Deciding")
	if v := p.d.View(); v.Window == nil || len(v.Front) != 2 || v.In != 0 || !v.Yellow || len(v.Box) != 0 {
		t.Fatalf("a slip and a receipt should be there: window %v, %d papers in front, card %d, %d in the box", v.Window != nil, len(v.Front), v.In, len(v.Box))
	}
	p.say("cast")
	p.sees("at Leaving")
	v := p.shows("one slip in the box", func(v View) bool { return len(v.Box) == 1 })
	if v.Window != nil || !v.Cards[0].Voted || len(v.Spoiled) != 0 {
		t.Errorf("after casting: voted %v, window %v, %d spoiled", v.Cards[0].Voted, v.Window != nil, len(v.Spoiled))
	}
	must(t, p.d.Remove())
	p.sees("at Idle")
	for i, reason := range []station.Reason{station.UntrustedCard, station.ExpiredCard, station.RevokedCard, station.NotOnRoll, station.UnreadableCard} {
		must(t, p.d.Insert(firstSpecial+i))
		if reason != station.UnreadableCard {
			p.sees(fmt.Sprintf("ask %d", kiosk.VoterPIN))
			p.say("pin " + PIN)
		}
		p.sees(fmt.Sprintf("refused %v", reason))
		must(t, p.d.Remove())
		p.sees("at Idle")
	}
	p.begin(1)
	p.say("choose 1 1 1 1")
	p.sees("at Deciding")
	must(t, p.d.CutPower())
	p.sees("at Suspended")
	p.shows("the slip is spoiled", func(v View) bool { return len(v.Spoiled) == 1 && len(v.Box) == 1 && v.Running })
	must(t, p.d.Remove())
	p.sees("in false")
	p.officialsDo("resume")
	p.officialsDo("close")
	must(t, p.d.Plug(1, false))
	p.officialsDo("export " + p.d.medium(1, true))
	if v := p.d.View(); v.Media[0].Plugged || v.Media[0].Full || !v.Media[1].Plugged {
		t.Errorf("media: %+v", v.Media)
	}
	must(t, p.d.Plug(1, true))
	p.officialsDo("export " + p.d.medium(1, true))
	p.shows("the bundle", func(v View) bool { return v.Media[0].Full && !v.Media[1].Full })
}

// TestFaults: each fault reaches the kiosk, and after Repair none is left.
func TestFaults(t *testing.T) {
	p := sitDown(t)
	p.sees("at Unopened")
	p.officialsDo("open")
	for i, f := range p.d.faults {
		seen := map[string]string{
			"doors":  "tampered 1",
			"mains":  "battery true",
			"reader": "troubles 1",
			"panel":  "troubles 1",
		}[notice(f)]
		if seen == "" {
			continue
		}
		must(t, p.d.Break(i, true))
		p.sees(seen)
		must(t, p.d.Repair())
		p.shows("all is well", func(v View) bool {
			for _, wrong := range v.Wrong {
				if wrong {
					return false
				}
			}
			return true
		})
		switch notice(f) {
		case "doors":
			p.officialsDo("clear")
			p.officialsDo("resume")
		case "panel":
			p.sees("troubles 0")
			p.officialsDo("resume")
		case "mains":
			p.sees("battery false")
		case "reader":
			p.sees("troubles 0")
		}
	}
	p.d.Call()
	p.sees("called true")
	must(t, p.d.Break(slipLater, true))
	p.begin(4)
	p.say("choose 1 1 1 1")
	p.sees("at Halted") // the void mark cannot be printed either
	if v := p.d.View(); !v.Wrong[slipPaper] || v.Wrong[slipLater] || len(v.Box) != 0 {
		t.Errorf("paper that ended in the middle: %v", v.Wrong)
	}
	must(t, p.d.Repair())
	p.sees("in false")
	p.officialsDo("restart")
	p.officialsDo("resume")
}

// notice says how the kiosk hears of a fault while nobody votes; "": it does not.
func notice(f Fault) string {
	switch name := f.Name; {
	case strings.Contains(name, "door open"):
		return "doors"
	case strings.Contains(name, "Mains"):
		return "mains"
	case strings.Contains(name, "Reader"):
		return "reader"
	case strings.Contains(name, "Panel"):
		return "panel"
	}
	return ""
}

// TestNonsense: what cannot be done is an error and changes nothing.
func TestNonsense(t *testing.T) {
	p := sitDown(t)
	p.sees("at Unopened")
	for name, err := range map[string]error{
		"card -1": p.d.Insert(-1), "card 999": p.d.Insert(999), "fault -1": p.d.Break(-1, true), "fault 999": p.d.Break(999, true), "medium 3": p.d.Plug(3, true),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	must(t, p.d.Break(readerGone, true))
	if err := p.d.Insert(0); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("a card in a reader that is not there: %v", err)
	}
	_, err := New(Config{Dir: p.d.config.Dir, Program: os.Args[0]})
	if !errors.Is(err, os.ErrExist) {
		t.Errorf("a folder with something in it: %v", err)
	}
	if _, err := New(Config{Dir: filepath.Join(t.TempDir(), "x"), Program: "/nowhere/kiosk"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}
