package eidtest

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
)

// Algorithm identifiers (SP 800-78-4, Table 6-2, and 800-78-5 for RSA-3072). Ed25519 is Yubico's
// extension, as its technical manual documents it for YubiKey 5.7.
const (
	algorithmRSA3072 = 0x05
	algorithmRSA2048 = 0x07
	algorithmP256    = 0x11
	algorithmP384    = 0x14
	algorithmEd25519 = 0xE0
)

// algorithm is the identifier that fits the key; 0: none does.
func algorithm(key crypto.Signer) byte {
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		switch k.Curve {
		case elliptic.P256():
			return algorithmP256
		case elliptic.P384():
			return algorithmP384
		}
	case *rsa.PrivateKey:
		switch k.N.BitLen() {
		case 2048:
			return algorithmRSA2048
		case 3072:
			return algorithmRSA3072
		}
	case ed25519.PrivateKey:
		if len(k) == ed25519.PrivateKeySize {
			return algorithmEd25519
		}
	}
	return 0
}

// Tags in the dynamic authentication template (SP 800-73-4, part 2, Table 7).
const (
	tagTemplate  = 0x7C
	tagChallenge = 0x81
	tagResponse  = 0x82
	tagExponent  = 0x85
)

// authenticate is GENERAL AUTHENTICATE (part 2, Section 3.2.4): a signature
// over a challenge (appendix A.4), or a key agreement (appendix A.5).
func (c *Card) authenticate(cmd command, fresh bool) ([]byte, status) {
	slot, ok := c.slots[cmd.p2]
	if id := algorithm(slot.Key); !ok || id == 0 || id != cmd.p1 {
		return nil, statusParameters
	}
	template, sw := parseTemplate(cmd.data)
	if sw != statusOK {
		return nil, sw
	}
	if slot.PIN != PINNone && !c.verified || slot.PIN == PINEach && !fresh {
		return nil, statusSecurity
	}
	var response []byte
	if challenge, ok := template[tagChallenge]; ok {
		response, sw = sign(slot.Key, challenge)
	} else {
		response, sw = agree(slot.Key, template[tagExponent])
	}
	if sw != statusOK {
		return nil, sw
	}
	return tlv(tagTemplate, tlv(tagResponse, response)), statusOK
}

// parseTemplate takes the template apart: an empty response, which asks for
// one, and either a challenge or a point.
func parseTemplate(data []byte) (map[byte][]byte, status) {
	tag, body, rest, err := cutTLV(data)
	if err != nil || tag != tagTemplate || len(rest) > 0 {
		return nil, statusData
	}
	parts := map[byte][]byte{}
	for len(body) > 0 {
		var value []byte
		if tag, value, body, err = cutTLV(body); err != nil {
			return nil, statusData
		}
		if _, twice := parts[tag]; twice {
			return nil, statusData
		}
		parts[tag] = value
	}
	wanted, asked := parts[tagResponse]
	_, challenge := parts[tagChallenge]
	_, point := parts[tagExponent]
	if !asked || len(wanted) > 0 || challenge == point || len(parts) != 2 {
		return nil, statusData
	}
	return parts, statusOK
}

// sign answers a challenge: a hash for ECDSA, a padded block for RSA (the card only raises it to
// the private exponent), the message itself for Ed25519.
func sign(key crypto.Signer, challenge []byte) ([]byte, status) {
	if len(challenge) == 0 {
		return nil, statusData
	}
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		if len(challenge) > (k.Curve.Params().BitSize+7)/8 {
			return nil, statusData
		}
		signature, err := ecdsa.SignASN1(rand.Reader, k, challenge)
		if err != nil {
			return nil, statusBroken
		}
		return signature, statusOK
	case *rsa.PrivateKey:
		block := new(big.Int).SetBytes(challenge)
		if len(challenge) != k.Size() || block.Cmp(k.N) >= 0 {
			return nil, statusData
		}
		return block.Exp(block, k.D, k.N).FillBytes(make([]byte, k.Size())), statusOK
	case ed25519.PrivateKey:
		return ed25519.Sign(k, challenge), statusOK
	}
	return nil, statusBroken
}

// agree is elliptic curve Diffie-Hellman with an uncompressed point.
func agree(key crypto.Signer, point []byte) ([]byte, status) {
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, statusData
	}
	private, err := k.ECDH()
	if err != nil {
		return nil, statusBroken
	}
	curve := map[byte]ecdh.Curve{algorithmP256: ecdh.P256(), algorithmP384: ecdh.P384()}[algorithm(key)]
	public, err := curve.NewPublicKey(point)
	if err != nil {
		return nil, statusData
	}
	secret, err := private.ECDH(public)
	if err != nil {
		return nil, statusData
	}
	return secret, statusOK
}
