package main

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

// A cardFlags is what card takes. It has no configuration: officials get their
// cards before there is an election.
type cardFlags struct {
	profile, station, name, out string
	virtual                     bool
	keys                        terminal.Keyring
}

func cardCommand() *cobra.Command {
	var f cardFlags
	c := &cobra.Command{
		Use: "card --station ID --name NAME --out FILE", Args: cobra.NoArgs,
		Short: "ask for an official's card to stand in the manifest",
		Long: `card lets the official's card in the reader sign the request with which its key gets
into the manifest, as ceremony official new does for a key in a file. The card has
an Ed25519 key with a certificate; the PIN is asked for like a passphrase.`,
		Example: "    kiosk card --station a-1 --name Lee --out lee.json",
		RunE:    f.run,
	}
	terminal.Require(c, &f.station, "station", "the station's `id` in the manifest")
	terminal.Require(c, &f.name, "name", "who holds the card: a `name`")
	terminal.Require(c, &f.out, "out", "the `file` for the authority")
	c.Flags().StringVar(&f.profile, "profile", "official", "the bundled `profile` of the card")
	c.Flags().BoolVar(&f.virtual, "rehearsal", false, "take a virtual reader too; the request is for a rehearsal")
	f.keys.Flag(c)
	return c
}

func (f *cardFlags) run(c *cobra.Command, _ []string) error {
	p, err := eid.BundledProfile(f.profile)
	if err != nil {
		return terminal.Unusable(err, "")
	}
	r, err := eid.Open(eid.Config{Virtual: f.virtual})
	if err != nil {
		what, do := kiosk.Plain(err)
		return terminal.Unusable(errors.New(what), do)
	}
	request, err := f.request(r, p)
	if err := errors.Join(err, r.Close()); err != nil {
		what, do := kiosk.Plain(err)
		return terminal.Unusable(fmt.Errorf("asking the card: %s", what), do)
	}
	b, err := record.Marshal(request)
	if err != nil {
		return err
	}
	if err := durable.PutFile(f.out, b, 0o644); err != nil {
		return terminal.Unusable(plainly(err), "name a new file")
	}
	v := terminal.NewVoice(c.OutOrStdout(), "")
	v.Say("key:      %v", request.Key)
	v.Say("written:  %s", f.out)
	return nil
}

// patience is how long a card is waited for.
const patience = time.Minute

func (f *cardFlags) request(r *eid.Reader, p *eid.Profile) (*provisioning.KeyRequest, error) {
	late := time.After(patience)
	for {
		select {
		case e := <-r.Events():
			if e.Kind != eid.Inserted {
				continue
			}
			if e.Err != nil {
				return nil, e.Err
			}
			card, err := e.Token.Use(p)
			if err != nil {
				return nil, err
			}
			request, err := f.sign(card, p)
			return request, errors.Join(err, card.Close())
		case <-late:
			return nil, fmt.Errorf("no card within %v", patience)
		}
	}
}

func (f *cardFlags) sign(card *eid.Card, p *eid.Profile) (*provisioning.KeyRequest, error) {
	if card.NeedsPIN() {
		words, err := f.keys.Ask("the PIN of the card", true)
		if err != nil {
			return nil, err
		}
		pin, err := eid.ParsePIN(p, words.Export())
		if err != nil {
			return nil, err
		}
		if err := card.EnterPIN(pin); err != nil {
			return nil, err
		}
	}
	public, err := card.PublicKey()
	if err != nil {
		return nil, err
	}
	return provisioning.NewKeyRequest(provisioning.RoleOfficial, f.station, f.name, cardSigner{public, card})
}

// cardSigner is a crypto.Signer in a card.
type cardSigner struct {
	public crypto.PublicKey
	card   *eid.Card
}

func (s cardSigner) Public() crypto.PublicKey { return s.public }

func (s cardSigner) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return s.card.Sign(message)
}
