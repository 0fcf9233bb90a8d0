package simulation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/station/stationtest"
)

// cards issues the virtual eID cards of a simulation, under a test authority
// that issues nothing real. Several stations use it at once.
type cards struct {
	mu        sync.Mutex
	authority *stationtest.Authority
}

// issue makes a card with a fresh key.
func (c *cards) issue(holder string) (*stationtest.Card, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issuing a card: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.authority.IssueFor(key, holder, nil), nil
}

// virtual is issue, for the emulated card reader.
func (c *cards) virtual(holder string) (*eidtest.Card, error) {
	card, err := c.issue(holder)
	if err != nil {
		return nil, err
	}
	return eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{
		0x9A: {Key: card.Key, Certificate: card.Certificate.Raw, PIN: eidtest.PINOnce},
	}}), nil
}

// holder names the i-th voter of a station as an eID card would.
func holder(station string, i int) string { return fmt.Sprintf("SIM-%s-%06d", station, i) }

// revoked is the revocation list that is carried to the stations: empty, but
// signed.
func (c *cards) revoked() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.authority.Revoke()
}
