// Package eidtest is a virtual eID card behind the real smart card stack: a PIV
// card in Go (NIST SP 800-73-4, part 2), put into the virtual reader vpcd of a
// private pcscd. Programs reach it through libpcsclite exactly as they reach a
// card of plastic.
//
// It is for tests, demonstrations and rehearsals only. The card has no management key and
// no PUT DATA: what it holds is given to NewCard. It protects its keys from
// nobody, since they lie in the memory of the process.
package eidtest
