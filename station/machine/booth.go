package machine

import (
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/ballotbox"
)

// A booth knows what is chosen in it, and the ballot made of that until it is
// cast or opened. It never sees a voter. The zero value is an empty booth.
type booth struct {
	chosen *proof.SecretSelections
	ballot *ballot
}

// A ballot is what was made and is not yet cast.
type ballot struct {
	raw  []byte
	code record.Hash
	seed elgamal.SecretSeed
}

// encrypt makes the ballot and verifies it as every observer will: from its
// bytes.
func (b *booth) encrypt(random io.Reader, e *record.Election, station string) error {
	if b.chosen == nil {
		return errors.New("making a ballot: no choices")
	}
	seed, err := elgamal.GenerateSeed(random)
	if err != nil {
		return fmt.Errorf("making a ballot: %w", err)
	}
	ctx := e.Context(station)
	made, err := proof.Make(random, ctx, *b.chosen, seed)
	if err != nil {
		return fmt.Errorf("making a ballot: %w", err)
	}
	raw := made.Bytes()
	again, err := proof.ParseBallot(ctx.Shape, raw)
	if err != nil {
		return fmt.Errorf("checking the ballot just made: %w", err)
	}
	if err := proof.Verify(ctx, again); err != nil {
		return fmt.Errorf("checking the ballot just made: %w", err)
	}
	b.ballot = &ballot{raw, record.ConfirmationCode(e.ID, station, raw), seed}
	return nil
}

// store puts the ballot into the box of the cast ones.
func (b *booth) store(tx *database.Tx, random io.Reader) error {
	if b.ballot == nil {
		return errors.New("storing a ballot: none was made")
	}
	return ballotbox.Cast.Put(tx, random, b.ballot.code, b.ballot.raw)
}

// opened returns the ballot with what opens it.
func (b *booth) opened() *record.ChallengedBallot {
	return &record.ChallengedBallot{
		Code: b.ballot.code, Ballot: b.ballot.raw, Seed: b.ballot.seed.Export(), Selections: b.chosen.Export(),
	}
}
