package eid

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// A piv is a PIV card application (NIST SP 800-73-4, Part 2) that is selected, and
// one key of it.
type piv struct {
	channel channel
	end     func() error
	key     byte // its reference: 0x9A, 0x9C, 0x9D or 0x9E
	leaf    certificate
	left    int // tries; -1: unknown
}

// pivObjects are the tags of the certificates of the keys (SP 800-73-4, Part 1,
// Table 3).
var pivObjects = map[byte][]byte{
	0x9A: {0x5F, 0xC1, 0x05},
	0x9C: {0x5F, 0xC1, 0x0A},
	0x9D: {0x5F, 0xC1, 0x0B},
	0x9E: {0x5F, 0xC1, 0x01},
}

// pivName is the application's identifier without its version (SP 800-73-4, Part 1,
// Section 2.2).
var pivName = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00}

// pivPIN is the reference of the application's PIN (SP 800-73-4, Part 1, Table 4b).
const pivPIN = 0x80

// openPIV selects the application and finds the profile's key. end is called by
// close; if openPIV fails, it is not.
func openPIV(c channel, end func() error, p *Profile) (*piv, error) {
	ref, err := hex.DecodeString(p.Key)
	if err != nil || len(ref) != 1 {
		panic("eid: internal error: key reference " + p.Key)
	}
	v := &piv{channel: c, end: end, key: ref[0], left: -1}
	if err := v.selectApplication(); err != nil {
		return nil, err
	}
	der, err := v.readCertificate()
	if err != nil {
		return nil, err
	}
	if v.leaf, err = parseCertificate(der); err != nil {
		return nil, err
	}
	if err := p.fits(v.leaf); err != nil {
		return nil, err
	}
	if p.PIN != PINNone {
		return v, v.askTries()
	}
	return v, nil
}

// selectApplication is SELECT (SP 800-73-4, Part 2, Section 3.1.1).
func (v *piv) selectApplication() error {
	answer, s, err := v.channel.send(command{ins: 0xA4, p1: 0x04, data: pivName, answer: true})
	switch {
	case err != nil:
		return fmt.Errorf("selecting the PIV application: %w", err)
	case s == statusNoFile:
		return fmt.Errorf("%w: it has no PIV application", ErrNoKey)
	case s != statusOK:
		return fmt.Errorf("selecting the PIV application: %w", s)
	}
	if _, err := one(answer, 0x61); err != nil {
		return fmt.Errorf("selecting the PIV application: %w", err)
	}
	return nil
}

// readCertificate is GET DATA (SP 800-73-4, Part 2, Section 3.1.2) of the key's
// X.509 certificate (Part 1, Appendix A, Table 10).
func (v *piv) readCertificate() ([]byte, error) {
	tag := appendTLV(nil, 0x5C, pivObjects[v.key])
	answer, s, err := v.channel.send(command{ins: 0xCB, p1: 0x3F, p2: 0xFF, data: tag, answer: true})
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the certificate: %w", err)
	case s == statusNoFile || s == statusNoObject:
		return nil, fmt.Errorf("%w: it has no certificate in that place", ErrNoKey)
	case s != statusOK:
		return nil, fmt.Errorf("reading the certificate: %w", s)
	}
	der, err := parseCertificateObject(answer)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	if der == nil {
		return nil, fmt.Errorf("%w: its certificate is empty", ErrNoKey)
	}
	return der, nil
}

// parseCertificateObject returns the certificate in an answer to GET DATA, nil if
// the object is empty.
func parseCertificateObject(answer []byte) ([]byte, error) {
	content, err := one(answer, 0x53)
	if err != nil || len(content) == 0 {
		return nil, err
	}
	objects, err := parseTLV(content)
	if err != nil {
		return nil, err
	}
	der, err := pick(objects, 0x70)
	if err != nil || len(der) == 0 {
		return nil, err
	}
	info, err := pick(objects, 0x71)
	if err != nil {
		return nil, err
	}
	switch {
	case len(info) != 1:
		return nil, errTLV
	case info[0] == 0x00:
		return der, nil
	case info[0] == 0x01: // compressed
		return unpack(der)
	}
	return nil, errors.New("certificate in an unknown form")
}

// unpack undoes gzip (RFC 1952), up to the size that a certificate may have.
func unpack(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	z.Multistream(false)
	der, err := io.ReadAll(io.LimitReader(z, maxCertificate+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	if len(der) > maxCertificate {
		return nil, fmt.Errorf("unpacking: more than %d bytes", maxCertificate)
	}
	return der, nil
}

func (v *piv) certificates() []certificate { return []certificate{v.leaf} }

func (v *piv) tries() (int, bool) { return max(v.left, 0), v.left >= 0 }

// askTries is VERIFY without data (SP 800-73-4, Part 2, Section 3.2.1).
func (v *piv) askTries() error {
	_, s, err := v.channel.send(command{ins: 0x20, p2: pivPIN})
	if err != nil {
		return fmt.Errorf("asking for the tries that are left: %w", err)
	}
	v.left = -1 // 9000: the PIN has been verified already
	v.note(s)
	return nil
}

// note keeps what a status says of tries, and returns it as an error.
func (v *piv) note(s status) *PINError {
	switch {
	case s == statusBlocked:
		v.left = 0
	case s&0xFFF0 == statusTries:
		v.left = int(s & 0xF)
	case s == statusNoInfo:
		v.left = -1
	default:
		return nil
	}
	return &PINError{TriesLeft: v.left, Blocked: v.left == 0}
}

// verify is VERIFY (SP 800-73-4, Part 2, Section 3.2.1); the PIN is filled up with
// 0xFF (Section 2.4.3).
func (v *piv) verify(digits []byte) error {
	data := bytes.Repeat([]byte{0xFF}, 8)
	if n := copy(data, digits); n < len(digits) || n == 0 {
		return errors.New("the PIN does not have 1 to 8 digits")
	}
	_, s, err := v.channel.send(command{ins: 0x20, p2: pivPIN, data: data})
	clear(data)
	if err != nil {
		return fmt.Errorf("handing over the PIN: %w", err)
	}
	if s == statusOK {
		v.left = -1
		return nil
	}
	if wrong := v.note(s); wrong != nil {
		return wrong
	}
	return fmt.Errorf("handing over the PIN: %w", s)
}

// maxEd25519 bounds a message that the card hashes itself, in bytes: cards hold it in memory.
const maxEd25519 = 2048

// pivInput returns the algorithm (SP 800-78-4, Table 6-2; for 0x05, 0x16 and
// 0xE0 SP 800-78-5 and Yubico's PIV documentation) and what the card is to
// compute on.
func (v *piv) pivInput(message []byte) (algorithm byte, input []byte, err error) {
	digest := sha256.Sum256(message)
	switch key := v.leaf.parsed.PublicKey.(type) {
	case *rsa.PublicKey:
		switch key.N.BitLen() {
		case 2048:
			algorithm = 0x07
		case 3072:
			algorithm = 0x05
		case 4096:
			algorithm = 0x16
		default:
			return 0, nil, errors.New("PIV has no RSA key of that size")
		}
		return algorithm, padPKCS1(digest, key.Size()), nil
	case *ecdsa.PublicKey:
		algorithm = 0x11
		if v.leaf.kind == KeyP384 {
			algorithm = 0x14
		}
		// Zeros in front make the digest as long as the curve's integers, which
		// cards want, and do not change the number (FIPS 186-5, Section 6.4.1).
		input = make([]byte, curveBytes(key))
		copy(input[len(input)-len(digest):], digest[:])
		return algorithm, input, nil
	}
	if len(message) > maxEd25519 {
		return 0, nil, fmt.Errorf("message of %d bytes, the card takes %d", len(message), maxEd25519)
	}
	return 0xE0, message, nil
}

// digestInfo is the DER of DigestInfo for SHA-256 up to the digest (RFC 8017,
// Section 9.2, Note 1).
var digestInfo = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// padPKCS1 is EMSA-PKCS1-v1_5 (RFC 8017, Section 9.2), size bytes long: 00 01 FF
// … FF 00 T.
func padPKCS1(digest [sha256.Size]byte, size int) []byte {
	b := bytes.Repeat([]byte{0xFF}, size)
	n := size - len(digestInfo) - len(digest)
	b[0], b[1], b[n-1] = 0x00, 0x01, 0x00
	copy(b[n:], digestInfo)
	copy(b[n+len(digestInfo):], digest[:])
	return b
}

// sign is GENERAL AUTHENTICATE (SP 800-73-4, Part 2, Section 3.2.4): a challenge
// in, a response out.
func (v *piv) sign(message []byte) ([]byte, error) {
	algorithm, input, err := v.pivInput(message)
	if err != nil {
		return nil, err
	}
	template := appendTLV(appendTLV(nil, 0x82, nil), 0x81, input)
	answer, s, err := v.channel.send(command{
		ins: 0x87, p1: algorithm, p2: v.key, data: appendTLV(nil, 0x7C, template), answer: true,
	})
	switch {
	case err != nil:
		return nil, err
	case s == statusNoPIN:
		return nil, ErrPINNeeded
	case s != statusOK:
		return nil, s
	}
	content, err := one(answer, 0x7C)
	if err != nil {
		return nil, err
	}
	return one(content, 0x82)
}

func (v *piv) close() error { return v.end() }
