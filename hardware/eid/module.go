package eid

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"
)

// modules are the PKCS #11 modules that were loaded, by path. They stay loaded
// until the process ends: many cannot be unloaded without harm. Each is
// initialised for one card and finalised after it, so that nothing of a voter
// stays in it for the next, and a daemon that has died meanwhile does not matter.
type modules struct {
	loaded map[string]*pkcs11.Ctx
}

func (m *modules) load(path string) (*pkcs11.Ctx, error) {
	if module := m.loaded[path]; module != nil {
		return module, nil
	}
	module := pkcs11.New(path)
	if module == nil {
		return nil, fmt.Errorf("loading %s: it is not there, or not a PKCS #11 module", path)
	}
	if m.loaded == nil {
		m.loaded = map[string]*pkcs11.Ctx{}
	}
	m.loaded[path] = module
	return module, nil
}

// open finds the profile's key on the card in the reader of that name. Others are
// the readers beside it.
func (m *modules) open(p *Profile, reader string, others []string) (*session, error) {
	module, err := m.load(p.Module)
	if err != nil {
		return nil, err
	}
	if err := module.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return nil, fmt.Errorf("initialising the module: %w", goneToken(err))
	}
	s := &session{module: module, reader: reader}
	if err := s.open(p, others); err != nil {
		// To a module, a card that was pulled out is one that it does not know.
		end := s.close()
		if errors.Is(end, ErrGone) {
			return nil, end
		}
		return nil, errors.Join(err, end)
	}
	return s, nil
}

// A session is one card behind a PKCS #11 module.
type session struct {
	module *pkcs11.Ctx
	reader string
	slot   uint
	handle pkcs11.SessionHandle
	opened bool
	in     bool // logged in

	all       []certificate // the key's own first
	id        []byte        // CKA_ID
	mechanism uint
	ready     bool // C_SignInit was done, and the PIN entered for it
	left      int  // tries; -1: unknown
}

func (s *session) open(p *Profile, others []string) error {
	slot, err := s.findSlot(others)
	if err != nil {
		return err
	}
	s.slot = slot
	token, err := s.module.GetTokenInfo(slot)
	if is(err, pkcs11.CKR_TOKEN_NOT_RECOGNIZED) {
		return fmt.Errorf("%w: the module does not know the card", ErrNoKey)
	}
	if err != nil {
		return fmt.Errorf("asking for the token: %w", goneToken(err))
	}
	if p.PIN != PINNone && token.Flags&pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH != 0 {
		return errors.New("the reader wants the PIN on its own keypad, which is not supported")
	}
	s.note(token.Flags)
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.findCertificates(p); err != nil {
		return err
	}
	return s.chooseMechanism()
}

// begin opens the session proper.
func (s *session) begin() error {
	handle, err := s.module.OpenSession(s.slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return fmt.Errorf("opening a session: %w", goneToken(err))
	}
	s.handle, s.opened = handle, true
	return nil
}

// findSlot returns the slot of the card in our reader: the one that is named like
// it, or the only one with a card if it is not named like another reader.
// Modules name slots as they like; most take PC/SC's name.
func (s *session) findSlot(others []string) (uint, error) {
	slots, err := s.module.GetSlotList(true)
	if err != nil {
		return 0, fmt.Errorf("listing the module's slots: %w", goneToken(err))
	}
	var unnamed []uint
	for _, slot := range slots {
		info, err := s.module.GetSlotInfo(slot)
		if err != nil {
			return 0, fmt.Errorf("asking for a slot: %w", goneToken(err))
		}
		name := strings.TrimRight(info.SlotDescription, " \x00")
		if name == slotName(s.reader) {
			return slot, nil
		}
		if slices.ContainsFunc(others, func(o string) bool { return name == slotName(o) }) {
			continue
		}
		// SoftHSM has a slot with a token that nobody has made yet.
		if token, err := s.module.GetTokenInfo(slot); err == nil && token.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0 {
			unnamed = append(unnamed, slot)
		}
	}
	if len(unnamed) == 1 {
		return unnamed[0], nil
	}
	return 0, fmt.Errorf("%w: the module sees no card that it knows in this reader", ErrNoKey)
}

// slotName returns a reader's name as it stands in a slot's description, which
// has 64 bytes (PKCS #11 2.40, Section 3.2).
func slotName(reader string) string {
	return strings.TrimRight(reader[:min(len(reader), 64)], " ")
}

// Bounds of what a module may show.
const maxTokenObjects = 32

// find returns the objects that have the attributes.
func (s *session) find(attributes ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := s.module.FindObjectsInit(s.handle, attributes); err != nil {
		return nil, goneToken(err)
	}
	found, _, err := s.module.FindObjects(s.handle, maxTokenObjects)
	if final := s.module.FindObjectsFinal(s.handle); err == nil {
		err = final
	}
	return found, goneToken(err)
}

// A shown is a certificate on the token with its CKA_ID.
type shown struct {
	certificate
	id []byte
}

// findCertificates finds the key's certificate and those of authorities.
func (s *session) findCertificates(p *Profile) error {
	found, err := s.find(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE))
	if err != nil {
		return fmt.Errorf("looking for certificates: %w", err)
	}
	var all []shown
	for _, object := range found {
		a, err := s.module.GetAttributeValue(s.handle, object, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil),
		})
		if err != nil || len(a) != 2 {
			return fmt.Errorf("reading a certificate: %w", goneToken(err))
		}
		c, err := parseCertificate(a[1].Value)
		if err != nil {
			continue // another one, of a kind that is none of ours
		}
		all = append(all, shown{c, a[0].Value})
	}
	leaf, err := pickLeaf(p, all)
	if err != nil {
		return err
	}
	s.id, s.all = leaf.id, []certificate{leaf.certificate}
	for _, c := range all {
		if c.parsed.IsCA {
			s.all = append(s.all, c.certificate)
		}
	}
	return nil
}

// pickLeaf returns the profile's certificate among those of a token.
func pickLeaf(p *Profile, all []shown) (shown, error) {
	var fitting []shown
	for _, c := range all {
		if c.parsed.IsCA || p.Key != "" && hex.EncodeToString(c.id) != p.Key {
			continue
		}
		usage := c.parsed.KeyUsage
		if p.Key == "" && usage != 0 && usage&x509.KeyUsageDigitalSignature == 0 {
			continue
		}
		if p.fits(c.certificate) == nil {
			fitting = append(fitting, c)
		}
	}
	if len(fitting) != 1 {
		return shown{}, fmt.Errorf("%w: %d of its certificates fit", ErrNoKey, len(fitting))
	}
	return fitting[0], nil
}
