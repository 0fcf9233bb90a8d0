package eid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ebfe/scard"
)

// A link is one connection to a card in a reader. Nobody else can talk to the
// card while it is open: it is exclusive, which is more than a transaction, and
// a daemon that gives the reader to another or to another card ends it.
//
// libpcsclite serialises the calls of one context, and a context that waits for
// a change blocks them all: each link has a context of its own.
type link struct {
	context *scard.Context
	card    *scard.Card
}

// connect opens a link to the card in the reader.
func connect(reader string) (*link, error) {
	context, err := scard.EstablishContext()
	if err != nil {
		return nil, fmt.Errorf("reaching the PC/SC daemon: %w", gone(err))
	}
	card, err := context.Connect(reader, scard.ShareExclusive, scard.ProtocolT0|scard.ProtocolT1)
	if err != nil {
		err = fmt.Errorf("connecting to the card: %w", gone(err))
		return nil, errors.Join(err, context.Release())
	}
	// The binding panics on any other protocol.
	if p := card.ActiveProtocol(); p != scard.ProtocolT0 && p != scard.ProtocolT1 {
		err := errors.New("connecting to the card: neither T=0 nor T=1")
		return nil, errors.Join(err, card.Disconnect(scard.LeaveCard), context.Release())
	}
	return &link{context, card}, nil
}

// t0 reports whether the protocol is T=0, in which a command that carries data
// cannot ask for an answer.
func (l *link) t0() bool { return l.card.ActiveProtocol() == scard.ProtocolT0 }

// transmit sends one command to the card and returns its answer with the status.
func (l *link) transmit(command []byte) ([]byte, error) {
	answer, err := l.card.Transmit(command)
	if err != nil {
		return nil, gone(err)
	}
	return answer, nil
}

// close resets the card, by which it forgets the PIN, and lets go of it. That the
// card is gone is no error: it has forgotten the PIN then.
func (l *link) close() error {
	err := l.card.Disconnect(scard.ResetCard)
	if errors.Is(gone(err), ErrGone) {
		err = nil
	}
	if r := l.context.Release(); err == nil && !errors.Is(gone(r), ErrGone) {
		err = r
	}
	if err != nil {
		return fmt.Errorf("letting go of the card: %w", err)
	}
	return nil
}

// forget resets the card in the reader, by which it forgets the PIN, once the module
// that talked to it has let go of it. It is ErrGone if the card was pulled out,
// even if the daemon has not seen that yet.
func forget(reader string) error {
	l, err := connect(reader)
	if err != nil {
		return err
	}
	err = l.card.Reconnect(scard.ShareExclusive, scard.ProtocolT0|scard.ProtocolT1, scard.ResetCard)
	if err != nil {
		err = fmt.Errorf("resetting the card: %w", gone(err))
	}
	return errors.Join(err, l.close())
}

// goneErrors are those of PC/SC after which the card that we talked to cannot be
// talked to any more: it was pulled out, perhaps without the daemon having
// noticed yet, or reset; or the reader was; or the daemon died.
var goneErrors = []scard.Error{
	scard.ErrRemovedCard, scard.ErrResetCard, scard.ErrUnpoweredCard, scard.ErrUnresponsiveCard, scard.ErrNoSmartcard,
	scard.ErrNotTransacted, scard.ErrCommError, scard.ErrCommDataLost, scard.ErrNotReady,
	scard.ErrReaderUnavailable, scard.ErrUnknownReader, scard.ErrNoReadersAvailable,
	scard.ErrNoService, scard.ErrServiceStopped, scard.ErrInvalidHandle, scard.ErrShutdown,
}

// gone adds ErrGone to an error of PC/SC that means that.
func gone(err error) error {
	if e, ok := errors.AsType[scard.Error](err); ok && slices.Contains(goneErrors, e) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// virtual reports whether a reader of that name has no hardware behind it. Who
// may write the daemon's configuration can name a reader as he likes: this
// finds an oversight, not an attack from within.
func virtual(reader string) bool { return strings.Contains(strings.ToLower(reader), "virtual") }

// model returns a reader's name without the two numbers of PC/SC, which depend on
// the order in which readers were plugged in (pcsc-lite: "NAME 00 00").
func model(reader string) string {
	n := len(reader)
	if n < 6 || reader[n-6] != ' ' || reader[n-3] != ' ' {
		return reader
	}
	for _, i := range []int{n - 5, n - 4, n - 2, n - 1} {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(reader[i])) {
			return reader
		}
	}
	return reader[:n-6]
}

// choose returns the reader to use among those that are connected: the one
// before if it is there, else the first allowed one.
func (c *Config) choose(connected []string, before string) (string, error) {
	if !c.Virtual && slices.ContainsFunc(connected, virtual) {
		return "", ErrVirtualReader
	}
	allowed := func(r string) bool {
		return len(c.Readers) == 0 || slices.Contains(c.Readers, r) || slices.Contains(c.Readers, model(r))
	}
	if before != "" && slices.Contains(connected, before) {
		return before, nil
	}
	if i := slices.IndexFunc(connected, allowed); i >= 0 {
		return connected[i], nil
	}
	if len(connected) > 0 {
		return "", fmt.Errorf("%w: the one that is connected is not in the configuration: %s", ErrNoReader, strings.Join(connected, ", "))
	}
	return "", ErrNoReader
}
