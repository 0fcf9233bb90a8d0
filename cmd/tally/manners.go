package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/office"
)

// counting makes a command that works on the count in the folder --record. What
// it says, and its errors, carry the mark of the election's kind.
func counting(c *cobra.Command, do func(o *office.Office, v terminal.Voice, args []string) error) *cobra.Command {
	var dir string
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		o, err := office.Open(dir)
		if err != nil {
			return notBegun(err)
		}
		kind := o.Election().Manifest.Kind
		return terminal.About(kind, explain(do(o, terminal.NewVoice(c.OutOrStdout(), kind), args)))
	}
	terminal.Require(c, &dir, "record", "the count: a `folder`")
	return c
}

func notBegun(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return terminal.Unusable(err, "a count begins with: tally begin")
	}
	return explain(err)
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
	for _, k := range known {
		if errors.Is(err, k.err) {
			return terminal.Bad(err, k.hint)
		}
	}
	if r, ok := errors.AsType[*tally.Refusal](err); ok {
		return terminal.Bad(err, refusalHint(r))
	}
	switch {
	case errors.Is(err, keygen.ErrPassphrase):
		return terminal.Unusable(err, "nothing was changed; try again")
	case errors.Is(err, tally.ErrKey):
		return terminal.Unusable(err, "nothing was written; use the key file whose public key is the manifest's authority")
	case errors.Is(err, fs.ErrNotExist):
		return terminal.Unusable(err, "is this the right folder, and is the step before done? see: tally status")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, durable.ErrNotRegular):
		return terminal.Unusable(err, "")
	case terminal.Ours(err):
		return terminal.Internal(err, "")
	}
	return terminal.Unusable(err, "")
}

// known are the refusals that say what to do.
var known = []struct {
	err  error
	hint string
}{
	{office.ErrSignedTwice, "both bundles are evidence: keep both media, import nothing more of this station, and call the commission"},
	{office.ErrDamaged, "before the request is signed: move its folder out of the record's stations, and import this medium again; and look at the disk"},
	{office.ErrCeremony, "move the damaged files out of the record's ceremony folder, and run tally begin again with the exchange folder, which puts them back; and look at the disk"},
	{office.ErrRequested, "trustees answer one request only; the bundle's ballots cannot be counted in it: keep the medium, and call the commission"},
	{office.ErrOtherRequest, "somebody has changed the folder since the request was signed; see docs/operators/tally.md"},
	{office.ErrStray, "look at these files and move them out of the folder; nothing else was changed"},
	{office.ErrOtherContent, "nothing is ever overwritten; is this the right folder?"},
	{office.ErrMissing, "import them; or, when it is decided that they are not counted, add --without-missing"},
	{office.ErrDecided, "the answers accepted before have served; this one is not needed"},
	{tally.ErrTooSmall, "nothing was signed; import more of the missing stations"},
	{tally.ErrTooFew, "wait for more trustees' answers; see: tally status"},
}

func refusalHint(r *tally.Refusal) string {
	if errors.Is(r, tally.ErrUnknownStation) || errors.Is(r, tally.ErrOtherElection) {
		return "nothing was taken; where does this bundle come from?"
	}
	return "nothing of it was taken; try the station's second medium, and if that is refused too, call the commission"
}

// An authority is the flags of a command that signs.
type authority struct {
	file string
	keys terminal.Keyring
}

func (a *authority) flags(c *cobra.Command) {
	c.Flags().StringVar(&a.file, "authority", "", "the authority's private key: a `file`")
	a.keys.Flag(c)
}

// open opens the key, and refuses one that is not the manifest's before it
// signs anything.
func (a *authority) open(e *record.Election) (provisioning.SecretKey, error) {
	if a.file == "" {
		return provisioning.SecretKey{}, terminal.Unusable(errors.New(`required flag(s) "authority" not set`), "the authority's key signs this; or use --check, which signs nothing")
	}
	info, err := os.Stat(a.file)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", a.file)
	}
	if err != nil {
		return provisioning.SecretKey{}, terminal.Unusable(fmt.Errorf("opening the authority's key: %w", err), "")
	}
	passphrase, err := a.keys.Ask("the passphrase of "+filepath.Base(a.file), true)
	if err != nil {
		return provisioning.SecretKey{}, err
	}
	key, err := provisioning.ReadKey(a.file, passphrase.Export())
	if err != nil {
		return key, fmt.Errorf("opening %s: %w", a.file, err)
	}
	if key.Public() != e.Manifest.Authority {
		return key, fmt.Errorf("opening %s: %w", a.file, tally.ErrKey)
	}
	return key, nil
}

// count writes a number of things.
func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func title(m *record.Manifest) string {
	return fmt.Sprintf("referendum: %s", strings.ReplaceAll(m.Title[m.Languages[0]], "\n", " "))
}

// printJSON prints for programs; the mark of a rehearsal is the field "kind".
func printJSON(c *cobra.Command, v any) error {
	e := json.NewEncoder(c.OutOrStdout())
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
