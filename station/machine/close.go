package machine

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
)

// An Official signs the closing statement: a poll worker of the manifest,
// numbered from 1.
type Official struct {
	Number int
	Key    crypto.Signer
}

// Names of the closing's documents in the daybook.
const (
	keptClosing    = record.ClosingFile
	keptCheckpoint = record.CheckpointFile
)

// ClosePolls ends the day for good: it signs checkpoint and closing statement,
// keeps both in the same transaction that closes the polls, and prints the
// closing tape. The counts must reconcile. When only the tape fails, the polls are
// closed and the error says so: PrintClosingTape prints it again.
//
// No clock is asked: when the polls close is for the officials, who let those
// vote who stand in the queue, and a wrong clock must not end a vote.
func (m *Machine) ClosePolls(officials []Official) error {
	if m.state.At != station.Idle && m.state.At != station.Suspended {
		return fmt.Errorf("closing the polls: %w", ErrNotNow)
	}
	var closing *record.Signed[record.Closing]
	var checkpoint []byte
	err := m.c.DB.View(func(tx *database.Tx) (err error) {
		closing, checkpoint, err = m.sign(tx, officials)
		return err
	})
	if err != nil {
		return fmt.Errorf("closing the polls: %w", errors.Join(err, m.logged(stationlog.ClosingRefused)))
	}
	if err := m.keepClosing(closing, checkpoint); err != nil {
		m.handle(m.failed(err))
		return fmt.Errorf("closing the polls: %w", err)
	}
	m.handle(station.PollsClosed{})
	m.owed = nil // whoever challenged finds it in the record
	m.noTape = true
	// The lines after the deed: what was not kept was never signed, and no ballot is
	// cast at a time when the log says that the polls are closed. A cut between leaves a
	// log without these lines; the statement and its tape are there all the same.
	err = errors.Join(
		m.log(stationlog.ClosingSigned),
		m.log(stationlog.PollsClosed, stationlog.By(stationlog.Official(officials[0].Number))),
		m.printClosing(closing, checkpoint))
	if err != nil {
		return fmt.Errorf("the polls are closed, but %w", err)
	}
	return nil
}

// keepClosing closes the polls and seals both boxes in the transaction that
// keeps what was signed: no second statement with other counts can be signed
// after a power cut, and no ballot comes after the statement.
func (m *Machine) keepClosing(closing *record.Signed[record.Closing], checkpoint []byte) error {
	statement, err := record.Marshal(closing)
	if err != nil {
		return err
	}
	return m.c.DB.Update(func(tx *database.Tx) error {
		if err := daybook.Keep(tx, keptClosing, statement); err != nil {
			return err
		}
		if err := daybook.Keep(tx, keptCheckpoint, checkpoint); err != nil {
			return err
		}
		if err := errors.Join(ballotbox.Cast.Seal(tx), ballotbox.Challenged.Seal(tx)); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Phase = daybook.Closed })
	})
}

// printClosing prints the closing tape, marked unless no other one is surely on
// paper.
func (m *Machine) printClosing(c *record.Signed[record.Closing], checkpoint []byte) error {
	printed := stationlog.ClosingTapePrinted
	if !m.noTape {
		printed = stationlog.TapeReprinted
	}
	begun, err := m.printCopy(slip.ClosingTape(m.c.Election, m.place, c.Body.Counts, m.c.Software, checkpoint), !m.noTape)
	m.noTape = !begun
	if err != nil {
		return errors.Join(err, m.logPrinter(err))
	}
	return m.log(printed)
}

// PrintClosingTape prints the closing tape again. After a restart nobody knows
// whether there is one, so it is marked.
func (m *Machine) PrintClosingTape() error {
	statement, checkpoint, err := m.kept()
	if err != nil {
		return err
	}
	c, err := record.ParseSigned[record.Closing](statement)
	if err != nil {
		return err
	}
	return m.printClosing(c, checkpoint)
}

// ToSign returns the message that the officials sign at the close, for those
// whose keys are not with the caller when ClosePolls is called. It is of this moment: when a
// session comes between, ClosePolls asks for a signature of another message.
func (m *Machine) ToSign() ([]byte, error) {
	if m.state.At != station.Idle && m.state.At != station.Suspended {
		return nil, fmt.Errorf("closing the polls: %w", ErrNotNow)
	}
	var message []byte
	err := m.c.DB.View(func(tx *database.Tx) error {
		closing, _, err := m.closing(tx)
		if err == nil {
			message, err = closing.Message()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("closing the polls: %w", errors.Join(err, m.logged(stationlog.ClosingRefused)))
	}
	return message, nil
}

// sign makes both documents from what the database holds.
func (m *Machine) sign(tx *database.Tx, officials []Official) (*record.Signed[record.Closing], []byte, error) {
	closing, tree, err := m.closing(tx)
	if err != nil {
		return nil, nil, err
	}
	if err := closing.Sign(record.SignerStation(m.c.Station), m.c.Key); err != nil {
		return nil, nil, err
	}
	for _, o := range officials {
		if err := closing.Sign(record.SignerOfficial(o.Number), o.Key); err != nil {
			return nil, nil, err
		}
	}
	if err := errors.Join(record.CheckClosing(m.c.Election, m.c.Station, closing), record.CheckCounts(m.place, closing.Body.Counts)); err != nil {
		return nil, nil, err
	}
	note, err := ballotlog.Sign(m.checkpoint(tree), m.c.Key)
	return closing, note, err
}

// closing checks the books, hashes every ballot and opens every challenged one
// again, and makes of that the statement, which nobody has signed yet, and the
// tree over the ballots.
func (m *Machine) closing(tx *database.Tx) (*record.Signed[record.Closing], *ballotlog.Tree, error) {
	c, err := counts(tx)
	if err != nil {
		return nil, nil, err
	}
	if err := checkBooks(tx); err != nil {
		return nil, nil, err
	}
	var tree ballotlog.Tree
	err = ballotbox.Cast.Sorted(tx, func(code record.Hash, ballot []byte) error {
		if record.ConfirmationCode(m.c.Election.ID, m.c.Station, ballot) != code {
			return errors.New("a ballot in the box was changed")
		}
		return tree.Append(code)
	})
	if err != nil {
		return nil, nil, err
	}
	leaves, err := rollbook.Leaves(tx, m.c.Election.ID, m.c.Station)
	if err != nil {
		return nil, nil, err
	}
	attendances, err := ballotlog.RootOf(leaves)
	if err != nil {
		return nil, nil, fmt.Errorf("attendances: %w", err)
	}
	challenged, err := m.challengedFile(tx)
	if err != nil {
		return nil, nil, err
	}
	return &record.Signed[record.Closing]{Body: record.Closing{
		Election: m.c.Election.ID, Station: m.c.Station, Counts: c, BallotsRoot: tree.Root(),
		AttendancesRoot: attendances, Challenged: record.ChallengedDigest(challenged), Software: m.c.Software,
	}}, &tree, nil
}

// challengedFile collects the challenged ballots and opens each once more: the
// code covers a cast ballot, but not the seed of a challenged one, and nobody
// would accept a bundle with one that does not open.
func (m *Machine) challengedFile(tx *database.Tx) ([]byte, error) {
	var file []byte
	err := ballotbox.Challenged.Sorted(tx, func(_ record.Hash, c []byte) error {
		file = append(file, c...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	all, err := record.SplitChallenged(m.c.Election, m.c.Station, file)
	if err != nil {
		return nil, fmt.Errorf("challenged ballots: %w", err)
	}
	for _, c := range all {
		if err := record.CheckChallenged(m.c.Election, m.c.Station, c); err != nil {
			return nil, fmt.Errorf("a challenged ballot was changed: %w", err)
		}
	}
	return file, nil
}

func (m *Machine) kept() (statement, checkpoint []byte, err error) {
	if m.state.At != station.Closed {
		return nil, nil, fmt.Errorf("the polls are not closed: %w", ErrNotNow)
	}
	err = m.c.DB.View(func(tx *database.Tx) error {
		var err1, err2 error
		statement, err1 = daybook.Document(tx, keptClosing)
		checkpoint, err2 = daybook.Document(tx, keptCheckpoint)
		return errors.Join(err1, err2)
	})
	return statement, checkpoint, err
}
