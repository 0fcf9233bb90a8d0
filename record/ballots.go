package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
)

// Ballots reads a station's ballots file one after the other: fixed-size
// ballots in ascending order of their confirmation codes, nothing else
// (docs/spec/record.md, Section 6.3). Its memory does not grow with the file.
type Ballots struct {
	election *Election
	station  string
	file     fs.File
	buffer   []byte
	index    int64
}

// OpenBallots opens the ballots file of a station; dir is the station's folder
// as a file system.
func OpenBallots(e *Election, dir fs.FS, station string) (*Ballots, error) {
	f, err := openRegular(dir, BallotsFile)
	if err != nil {
		return nil, reading(BallotsFile, err)
	}
	return &Ballots{election: e, station: station, file: f, buffer: make([]byte, e.BallotSize())}, nil
}

// Next returns the next ballot's bytes, valid until the next call, and its
// confirmation code. It returns io.EOF at the end; a last ballot that is cut
// short is another error. Neither order nor proof are checked.
func (b *Ballots) Next() (ballot []byte, code Hash, err error) {
	if code, err = b.next(b.buffer); err != nil {
		return nil, Hash{}, err
	}
	return b.buffer, code, nil
}

// next reads the next ballot to where it is wanted.
func (b *Ballots) next(into []byte) (code Hash, err error) {
	n, err := io.ReadFull(b.file, into)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Hash{}, fmt.Errorf("reading %s: ballot %d: %d bytes instead of %d", BallotsFile, b.index+1, n, len(into))
	case errors.Is(err, io.EOF):
		return Hash{}, io.EOF
	case err != nil:
		return Hash{}, reading(BallotsFile, err)
	}
	b.index++
	return ConfirmationCode(b.election.ID, b.station, into), nil
}

// Close closes the file.
func (b *Ballots) Close() error { return b.file.Close() }

// A ChallengedBallot is a ballot that a voter tested instead of casting it,
// with what opens it. It is never counted.
type ChallengedBallot struct {
	Code       Hash
	Ballot     []byte
	Seed       [elgamal.SeedSize]byte
	Selections []int
}

// ChallengedSize returns the length in bytes of one challenged ballot in its
// file: the ballot, the seed, and one byte per question.
func ChallengedSize(shape proof.Shape) int { return shape.Size() + elgamal.SeedSize + len(shape) }

// Encode returns the encoding of docs/spec/record.md, Section 6.4.
func (c *ChallengedBallot) Encode() []byte {
	b := append(append([]byte(nil), c.Ballot...), c.Seed[:]...)
	for _, s := range c.Selections {
		b = append(b, byte(s))
	}
	return b
}

// ParseChallenged decodes one challenged ballot of a station. It checks that
// the selections exist, not that they open the ballot: see CheckChallenged.
func ParseChallenged(e *Election, station string, b []byte) (*ChallengedBallot, error) {
	shape := e.Manifest.Shape()
	if len(b) != ChallengedSize(shape) {
		return nil, fmt.Errorf("challenged ballot: %d bytes instead of %d", len(b), ChallengedSize(shape))
	}
	c := &ChallengedBallot{Ballot: append([]byte(nil), b[:shape.Size()]...)}
	b = b[shape.Size():]
	c.Seed = [elgamal.SeedSize]byte(b[:elgamal.SeedSize])
	for _, s := range b[elgamal.SeedSize:] {
		c.Selections = append(c.Selections, int(s))
	}
	if _, err := proof.NewSelections(shape, c.Selections); err != nil {
		return nil, fmt.Errorf("challenged ballot: %w", err)
	}
	c.Code = ConfirmationCode(e.ID, station, c.Ballot)
	return c, nil
}

// CheckChallenged checks a challenged ballot's proofs and its opening: whether
// the machine encrypted what it showed.
func CheckChallenged(e *Election, station string, c *ChallengedBallot) error {
	ctx := e.Context(station)
	b, err := proof.ParseBallot(ctx.Shape, c.Ballot)
	if err != nil {
		return err
	}
	if err := proof.Verify(ctx, b); err != nil {
		return err
	}
	opened, err := proof.NewSelections(ctx.Shape, c.Selections)
	if err != nil {
		return err
	}
	return proof.CheckOpening(ctx, b, elgamal.SeedFromBytes(c.Seed), opened)
}

// SplitChallenged cuts a challenged ballots' file into ballots, in ascending
// order of their codes.
func SplitChallenged(e *Election, station string, file []byte) ([]*ChallengedBallot, error) {
	size := ChallengedSize(e.Manifest.Shape())
	if len(file)%size != 0 {
		return nil, fmt.Errorf("challenged ballots: %d bytes are no whole number of ballots of %d", len(file), size)
	}
	var all []*ChallengedBallot
	for ; len(file) > 0; file = file[size:] {
		c, err := ParseChallenged(e, station, file[:size])
		if err != nil {
			return nil, err
		}
		if len(all) > 0 && string(all[len(all)-1].Code[:]) >= string(c.Code[:]) {
			return nil, errors.New("challenged ballots: not in ascending order of their codes")
		}
		all = append(all, c)
	}
	return all, nil
}

// A Challenge is what a voter who tested the machine takes home as a file, to
// check it with any verifier.
type Challenge struct {
	Election   Hash   `json:"election"`
	Station    string `json:"station"`
	Code       Hash   `json:"code"`
	Seed       Hash   `json:"seed"`
	Selections []int  `json:"selections"`
	Ballot     Bytes  `json:"ballot"`
}

// ParseChallenge decodes a challenge file.
func ParseChallenge(b []byte) (*Challenge, error) {
	return parseDocument[*Challenge]("challenge", maxChallenge, b)
}

// Validate refuses malformed ids and impossible selections.
func (c *Challenge) Validate() error {
	if c == nil || c.Selections == nil || c.Ballot == nil {
		return errors.New("missing")
	}
	if len(c.Selections) > proof.MaxQuestions || len(c.Ballot) > 1<<20 {
		return errors.New("too large")
	}
	for q, s := range c.Selections {
		if s < 0 || s > proof.MaxOptions {
			return fmt.Errorf("selections: question %d has no option %d", q+1, s)
		}
	}
	return checkIdentifier("station", c.Station)
}
