package eid

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
)

// A PINRule says when the holder enters the PIN.
type PINRule string

// The PIN rules.
const (
	PINNone PINRule = "none" // never
	PINOnce PINRule = "once" // once after the card came
	PINEach PINRule = "each" // before each signature
)

// The interfaces to a card.
const (
	InterfacePIV    = "piv"    // NIST SP 800-73-4 over PC/SC
	InterfacePKCS11 = "pkcs11" // the module of the card's maker
)

// The key types.
const (
	KeyRSA     = "rsa" // of 2048 to 4096 bits
	KeyP256    = "ecdsa-p256"
	KeyP384    = "ecdsa-p384"
	KeyEd25519 = "ed25519" // PIV only, and no voter's: algorithm 0xE0, as Yubico documents it
)

// A Profile describes one kind of card. It is data: a new kind of card that has
// a PKCS #11 module needs no new code.
type Profile struct {
	// Name is 1 to 32 of a-z, 0-9 and -.
	Name string `json:"name"`

	// Interface is InterfacePIV or InterfacePKCS11.
	Interface string `json:"interface"`

	// Module is the absolute path of the PKCS #11 module; empty for PIV.
	Module string `json:"module"`

	// Key is the key reference of PIV in hexadecimal, 9a, 9c, 9d or 9e
	// (SP 800-73-4, Part 1, Table 4b); or the PKCS #11 attribute CKA_ID in
	// hexadecimal, and empty: the only key that has a certificate that fits.
	Key string `json:"key"`

	// PIN is when the holder enters the PIN, MinPIN and MaxPIN its length in
	// digits, both 0 for PINNone.
	PIN    PINRule `json:"pin"`
	MinPIN int     `json:"minPIN"`
	MaxPIN int     `json:"maxPIN"`

	// KeyTypes are those that a card of this kind may have, at least one.
	KeyTypes []string `json:"keyTypes"`

	// Holder is only carried here, for whoever reads the certificate.
	Holder Holder `json:"holder"`
}

// A Holder says where a certificate names the person on the roll.
type Holder struct {
	// Attribute is "serialNumber" (X.520, 2.5.4.5) or the dotted object
	// identifier of an attribute of the subject. It is empty for cards that are
	// known by their keys alone.
	Attribute string `json:"attribute"`

	// Prefix is taken off the front of the attribute's value, such as "PNOTW-"
	// (ETSI EN 319 412-1, Section 5.1.3). It may be empty.
	Prefix string `json:"prefix"`
}

//go:embed profiles/*.json
var bundled embed.FS

// Bundled returns the profiles that come with this package, by name.
func Bundled() []*Profile {
	files, err := bundled.ReadDir("profiles")
	if err != nil {
		panic("eid: internal error: " + err.Error())
	}
	var all []*Profile
	for _, f := range files {
		b, err := bundled.ReadFile("profiles/" + f.Name())
		if err != nil {
			panic("eid: internal error: " + err.Error())
		}
		p, err := ParseProfile(b)
		if err != nil {
			panic("eid: internal error: " + f.Name() + ": " + err.Error())
		}
		all = append(all, p)
	}
	return all
}

// BundledProfile returns the bundled profile of that name.
func BundledProfile(name string) (*Profile, error) {
	for _, p := range Bundled() {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no card profile %q is bundled", name)
}

// maxProfile bounds the file of a profile, in bytes.
const maxProfile = 1 << 14

// ParseProfile decodes a profile: one JSON object, laid out as one likes, with
// every name spelt as documented and given once.
func ParseProfile(b []byte) (*Profile, error) {
	if len(b) > maxProfile {
		return nil, fmt.Errorf("card profile of %d bytes, allowed are %d", len(b), maxProfile)
	}
	if err := checkNames(b); err != nil {
		return nil, fmt.Errorf("card profile: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	p := new(Profile)
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("card profile: %w", err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("card profile: %w", err)
	}
	return p, nil
}

var (
	profileName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	dottedOID   = regexp.MustCompile(`^[0-2](\.(0|[1-9][0-9]{0,8})){1,15}$`)
	holderStart = regexp.MustCompile(`^[ -~]{0,32}$`)
)

func (p *Profile) check() error {
	if !profileName.MatchString(p.Name) {
		return errors.New("name is not 1 to 32 of a-z, 0-9 and -")
	}
	if err := p.checkInterface(); err != nil {
		return err
	}
	if err := p.checkPIN(); err != nil {
		return err
	}
	if err := p.checkKeyTypes(); err != nil {
		return err
	}
	if a := p.Holder.Attribute; a != "" && a != "serialNumber" && !dottedOID.MatchString(a) {
		return errors.New("holder: attribute is neither serialNumber nor an object identifier")
	}
	if p.Holder.Attribute == "" && p.Holder.Prefix != "" {
		return errors.New("holder: prefix of no attribute")
	}
	if !holderStart.MatchString(p.Holder.Prefix) {
		return errors.New("holder: prefix is not up to 32 printable ASCII characters")
	}
	return nil
}

func (p *Profile) checkInterface() error {
	switch p.Interface {
	case InterfacePIV:
		if p.Module != "" {
			return errors.New("module: PIV needs none")
		}
		if !slices.Contains([]string{"9a", "9c", "9d", "9e"}, p.Key) {
			return errors.New("key is none of 9a, 9c, 9d, 9e")
		}
	case InterfacePKCS11:
		if !filepath.IsAbs(p.Module) || filepath.Clean(p.Module) != p.Module || bytes.IndexByte([]byte(p.Module), 0) >= 0 {
			return errors.New("module is not an absolute path")
		}
		id, err := hex.DecodeString(p.Key)
		if err != nil || len(id) > 32 || hex.EncodeToString(id) != p.Key {
			return errors.New("key is not up to 32 bytes in small hexadecimal")
		}
	default:
		return errors.New("interface is neither piv nor pkcs11")
	}
	return nil
}

func (p *Profile) checkPIN() error {
	longest := 8 // SP 800-73-4, Part 2, Section 2.4.3
	if p.Interface == InterfacePKCS11 {
		longest = 16
	}
	switch p.PIN {
	case PINNone:
		if p.MinPIN != 0 || p.MaxPIN != 0 {
			return errors.New("pin: none has no length")
		}
	case PINOnce, PINEach:
		if p.MinPIN < 4 || p.MaxPIN < p.MinPIN || p.MaxPIN > longest {
			return fmt.Errorf("minPIN and maxPIN are not within 4 and %d", longest)
		}
	default:
		return errors.New("pin is none of none, once, each")
	}
	return nil
}

func (p *Profile) checkKeyTypes() error {
	if len(p.KeyTypes) == 0 {
		return errors.New("keyTypes is empty")
	}
	for i, k := range p.KeyTypes {
		switch {
		case !slices.Contains([]string{KeyRSA, KeyP256, KeyP384, KeyEd25519}, k):
			return fmt.Errorf("keyTypes: %q is none", k)
		case slices.Contains(p.KeyTypes[:i], k):
			return fmt.Errorf("keyTypes: %s is there twice", k)
		case k == KeyEd25519 && p.Interface != InterfacePIV:
			return fmt.Errorf("keyTypes: %s is for PIV only", k)
		}
	}
	return nil
}
