package eid

import "github.com/miekg/pkcs11"

// WithoutDigest has the card's module sign RSA as one does that cannot hash.
func (c *Card) WithoutDigest() {
	c.opened.(*session).mechanism = pkcs11.CKM_RSA_PKCS
}
