package eid

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// chooseMechanism chooses how the module signs: ECDSA always of a digest made
// here, RSA with the module's own digest or, where it has none, of a DigestInfo.
func (s *session) chooseMechanism() error {
	list, err := s.module.GetMechanismList(s.slot)
	if err != nil {
		return fmt.Errorf("asking for mechanisms: %w", goneToken(err))
	}
	wanted := []uint{pkcs11.CKM_SHA256_RSA_PKCS, pkcs11.CKM_RSA_PKCS}
	if s.all[0].kind != KeyRSA {
		wanted = []uint{pkcs11.CKM_ECDSA}
	}
	for _, m := range wanted {
		if slices.ContainsFunc(list, func(l *pkcs11.Mechanism) bool { return l.Mechanism == m }) {
			s.mechanism = m
			return nil
		}
	}
	return errors.New("the module cannot sign with such a key")
}

func (s *session) certificates() []certificate { return s.all }

func (s *session) tries() (int, bool) { return max(s.left, 0), s.left >= 0 }

// note keeps what the token's flags say of tries. They know only the ends.
func (s *session) note(flags uint) {
	switch {
	case flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		s.left = 0
	case flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		s.left = 1
	default:
		s.left = -1
	}
}

// verify logs in. For a key that wants the PIN before each signature
// (CKA_ALWAYS_AUTHENTICATE) it begins the signature as well, because the PIN
// belongs between C_SignInit and C_Sign (PKCS #11 2.40, Section 5.6): so the PIN
// need not be kept until Sign.
func (s *session) verify(digits []byte) error {
	if len(digits) == 0 {
		return errors.New("no PIN")
	}
	if err := s.again(); err != nil {
		return err
	}
	if err := s.login(pkcs11.CKU_USER, digits); err != nil {
		return err
	}
	key, err := s.findKey()
	if err != nil || !s.alwaysAuthenticate(key) {
		return err
	}
	if err := s.module.SignInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(s.mechanism, nil)}, key); err != nil {
		return fmt.Errorf("beginning the signature: %w", goneToken(err))
	}
	if err := s.login(pkcs11.CKU_CONTEXT_SPECIFIC, digits); err != nil {
		return err
	}
	s.ready = true
	return nil
}

// again makes a new session, in which nobody is logged in and no signature has
// been begun.
func (s *session) again() error {
	s.ready, s.in = false, false
	if s.opened {
		s.opened = false
		if err := s.module.CloseAllSessions(s.slot); err != nil {
			return fmt.Errorf("closing the session: %w", goneToken(err))
		}
	}
	return s.begin()
}

func (s *session) login(user uint, digits []byte) error {
	err := s.module.Login(s.handle, user, string(digits))
	if err == nil {
		s.left, s.in = -1, true
		return nil
	}
	if e, ok := errors.AsType[pkcs11.Error](err); !ok || !slices.Contains([]pkcs11.Error{
		pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE,
	}, e) {
		return fmt.Errorf("logging in: %w", goneToken(err))
	}
	if token, err := s.module.GetTokenInfo(s.slot); err == nil {
		s.note(token.Flags)
	}
	if is(err, pkcs11.CKR_PIN_LOCKED) {
		s.left = 0
	}
	return &PINError{TriesLeft: s.left, Blocked: s.left == 0}
}

// findKey returns the private key. Tokens show it only to whom they have let in.
func (s *session) findKey() (pkcs11.ObjectHandle, error) {
	found, err := s.find(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, s.id))
	if err != nil {
		return 0, fmt.Errorf("looking for the key: %w", err)
	}
	switch len(found) {
	case 0:
		if s.in {
			return 0, fmt.Errorf("%w: it shows no private key beside the certificate", ErrNoKey)
		}
		return 0, ErrPINNeeded
	case 1:
		return found[0], nil
	}
	return 0, errors.New("looking for the key: several have the certificate's identifier")
}

// alwaysAuthenticate reports whether the key wants the PIN before each signature. A
// module that does not know the attribute has no such keys.
func (s *session) alwaysAuthenticate(key pkcs11.ObjectHandle) bool {
	a, err := s.module.GetAttributeValue(s.handle, key, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ALWAYS_AUTHENTICATE, nil)})
	return err == nil && len(a) == 1 && len(a[0].Value) == 1 && a[0].Value[0] != 0
}

func (s *session) sign(message []byte) ([]byte, error) {
	if !s.ready {
		key, err := s.findKey()
		if err != nil {
			return nil, err
		}
		if err := s.module.SignInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(s.mechanism, nil)}, key); err != nil {
			return nil, signError(err)
		}
	}
	s.ready = false
	signature, err := s.module.Sign(s.handle, s.input(message))
	if err != nil {
		return nil, signError(err)
	}
	if key, ok := s.all[0].parsed.PublicKey.(*ecdsa.PublicKey); ok {
		return fromRaw(key, signature)
	}
	return signature, nil
}

// input returns what the mechanism computes on.
func (s *session) input(message []byte) []byte {
	digest := sha256.Sum256(message)
	switch s.mechanism {
	case pkcs11.CKM_SHA256_RSA_PKCS:
		return message
	case pkcs11.CKM_RSA_PKCS:
		return append(slices.Clone(digestInfo), digest[:]...)
	}
	return digest[:]
}

func signError(err error) error {
	if is(err, pkcs11.CKR_USER_NOT_LOGGED_IN) {
		return ErrPINNeeded
	}
	return goneToken(err)
}

// close logs out, finalises the module, and then resets the card itself: modules
// differ in whether they do. It is ErrGone if the card was pulled out meanwhile.
func (s *session) close() error {
	if s.opened {
		// Nothing depends on these: finalising does the same, and the reset after it.
		_ = s.module.Logout(s.handle)
		_ = s.module.CloseSession(s.handle)
	}
	if err := s.module.Finalize(); err != nil {
		return fmt.Errorf("finalising the module: %w", err)
	}
	return forget(s.reader)
}

// is reports whether err is that return value of a module.
func is(err error, value pkcs11.Error) bool {
	e, ok := errors.AsType[pkcs11.Error](err)
	return ok && e == value
}

// goneToken adds ErrGone to a module's error that means that, and errPerhapsGone to
// one that may.
func goneToken(err error) error {
	e, ok := errors.AsType[pkcs11.Error](err)
	if !ok {
		return err
	}
	switch e {
	case pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED:
		return fmt.Errorf("%w: %w", ErrGone, err)
	case pkcs11.CKR_DEVICE_ERROR, pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED, pkcs11.CKR_SLOT_ID_INVALID,
		pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_USER_NOT_LOGGED_IN:
		return fmt.Errorf("%w: %w", errPerhapsGone, err)
	}
	return err
}
