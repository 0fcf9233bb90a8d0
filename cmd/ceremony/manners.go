package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func speak(c *cobra.Command, kind string) terminal.Voice {
	return terminal.NewVoice(c.OutOrStdout(), kind)
}

// explain gives an error its exit status and a hint. Commands return what it
// returns.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*terminal.Error](err); ok {
		return err
	}
	if flaws, ok := errors.AsType[keygen.Flaws](err); ok {
		return terminal.Bad(summary(flaws), "every trustee sees the same; whoever is named has cheated or was mistaken, and the ceremony begins anew without it or with a new manifest")
	}
	var problems decryption.Problems
	switch {
	case errors.As(err, &problems):
		return terminal.Bad(summary(problems), "do not answer this request; tell the tally and the other trustees what is wrong")
	case errors.Is(err, keygen.ErrContradiction):
		return terminal.Bad(err, "do not answer; anybody: ceremony judge, which names the trustee who signed both")
	case errors.Is(err, keygen.ErrVoid):
		return terminal.Bad(err, "a new ceremony needs a new manifest; who cheated says: ceremony judge")
	case errors.Is(err, decryption.ErrAnswered):
		return terminal.Bad(err, "the difference of two sums can be a single ballot: a trustee answers once")
	case errors.Is(err, keygen.ErrPassphrase):
		return terminal.Unusable(err, "nothing was changed; try again")
	case errors.Is(err, keygen.ErrOtherContent):
		return terminal.Unusable(err, "nothing was changed; compare the two, and see: ceremony status")
	case errors.Is(err, fs.ErrExist):
		return terminal.Unusable(err, "nothing is ever overwritten; choose another name")
	case errors.Is(err, fs.ErrNotExist):
		return terminal.Unusable(err, "is this the right folder?")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, durable.ErrNotRegular):
		return terminal.Unusable(err, "")
	case terminal.Ours(err):
		return terminal.Internal(err, "")
	}
	return terminal.Unusable(err, "")
}

// count writes a number of things.
func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// maxShown is how many problems are printed.
const maxShown = 20

func summary(problems []error) error {
	if len(problems) <= maxShown {
		return errors.Join(problems...)
	}
	return fmt.Errorf("%w\nand %d more", errors.Join(problems[:maxShown]...), len(problems)-maxShown)
}

func putDocument(path string, v any) error {
	b, err := record.Marshal(v)
	if err != nil {
		return err
	}
	return durable.PutFile(path, b, 0o644)
}

func readInput(path string, limit int64) ([]byte, error) {
	b, err := durable.ReadFile(path, limit)
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("reading the input: %w", err), "")
	}
	return b, nil
}
