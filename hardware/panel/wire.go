package panel

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bench's protocol: lines of ASCII text of at most MaxMessage bytes, each ended by one
// line feed, over a stream socket. B is 0 or 1, T milliseconds of the bench's clock
// in decimal.
//
//	bench   panel-bench 1     it speaks first
//	bench   in LINE B T       the state of an input: of all of them, then ready, then when one changes
//	bench   ready
//	driver  out LINE B        make an output so
//	bench   ok LINE B         it is so
//	driver  get LINE          what is the state of an input?
//	bench   is LINE B T       this, after every change before it was sent
//
// Answers come in the order of the questions. There is one spelling of every message; anything
// else ends the connection.
const (
	benchGreeting = "panel-bench 1"
	MaxMessage    = 64 // bytes, with the line feed
)

// maxTime keeps every time within what a time.Duration holds.
const maxTime = 1 << 40 // milliseconds: 34 years

// A Verb is the kind of a message.
type Verb string

// The verbs.
const (
	Greeting Verb = benchGreeting
	In       Verb = "in"
	Ready    Verb = "ready"
	Out      Verb = "out"
	OK       Verb = "ok"
	Get      Verb = "get"
	Is       Verb = "is"
)

// A Message is one message of the bench's protocol.
type Message struct {
	Verb   Verb
	Line   Line          // an input of In, Get, Is; an output of Out, OK
	Active bool          // of In, Out, OK, Is
	At     time.Duration // of In and Is, whole milliseconds
}

var errMessage = errors.New("no message of the bench's protocol")

// ParseMessage reads one message without its line feed.
func ParseMessage(s string) (Message, error) {
	if len(s) >= MaxMessage {
		return Message{}, errMessage
	}
	if s == string(Greeting) || s == string(Ready) {
		return Message{Verb: Verb(s)}, nil
	}
	words := strings.Split(s, " ")
	m := Message{Verb: Verb(words[0])}
	known, count := Inputs(), 4
	switch m.Verb {
	case In, Is:
	case Get:
		count = 2
	case Out, OK:
		known, count = Outputs(), 3
	default:
		return Message{}, errMessage
	}
	if len(words) != count || !slices.Contains(known, Line(words[1])) {
		return Message{}, errMessage
	}
	m.Line = Line(words[1])
	if count > 2 {
		if words[2] != "0" && words[2] != "1" {
			return Message{}, errMessage
		}
		m.Active = words[2] == "1"
	}
	if count > 3 {
		ms, err := strconv.ParseUint(words[3], 10, 64)
		if err != nil || ms > maxTime || words[3] != strconv.FormatUint(ms, 10) {
			return Message{}, errMessage
		}
		m.At = time.Duration(ms) * time.Millisecond
	}
	return m, nil
}

// String is the message without its line feed.
func (m Message) String() string {
	b := 0
	if m.Active {
		b = 1
	}
	switch m.Verb {
	case In, Is:
		return fmt.Sprintf("%s %s %d %d", m.Verb, m.Line, b, m.At/time.Millisecond)
	case Out, OK:
		return fmt.Sprintf("%s %s %d", m.Verb, m.Line, b)
	case Get:
		return fmt.Sprintf("%s %s", m.Verb, m.Line)
	}
	return string(m.Verb)
}
