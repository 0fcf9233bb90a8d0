package printertest

// Status bytes, as the manual numbers their bits. A fault is what the printer
// senses, or a cutter error that it remembers.

func when(on bool, bits byte) byte {
	if on {
		return bits
	}
	return 0
}

// offline reports whether the printer does not work on what it received.
func (p *Printer) offline() bool {
	s := p.state
	return s.CoverOpen || s.PaperEnd || s.Overheated || s.Broken || p.cutterError
}

// realTime is the answer to DLE EOT n; nil for an n that has none.
func (p *Printer) realTime(n byte) []byte {
	const fixed = 0x12
	s := p.state
	switch n {
	case 1: // printer
		return []byte{fixed | when(s.DrawerHigh, 0x04) | when(p.offline(), 0x08)}
	case 2: // causes of being offline
		return []byte{fixed | when(s.CoverOpen, 0x04) | when(s.PaperEnd, 0x20) | when(p.cutterError || s.Broken || s.Overheated, 0x40)}
	case 3: // errors
		return []byte{fixed | when(p.cutterError, 0x08) | when(s.Broken, 0x20) | when(s.Overheated, 0x40)}
	case 4: // paper
		return []byte{fixed | when(s.NearEnd || s.PaperEnd, 0x0C) | when(s.PaperEnd, 0x60)}
	}
	return nil
}

// paperByte is the answer to GS r 1, and the third byte of the automatic status.
func (p *Printer) paperByte() byte {
	return when(p.state.NearEnd || p.state.PaperEnd, 0x03) | when(p.state.PaperEnd, 0x0C)
}

// automatic is the automatic status of GS a.
func (p *Printer) automatic() [4]byte {
	s := p.state
	return [4]byte{
		0x10 | when(s.DrawerHigh, 0x04) | when(p.offline(), 0x08) | when(s.CoverOpen, 0x20),
		when(p.cutterError, 0x08) | when(s.Broken, 0x20) | when(s.Overheated, 0x40),
		p.paperByte(),
		0x0F,
	}
}

// asked are the bits of the automatic status whose change the host wants to know:
// GS a n has a bit for each of drawer, offline, errors and paper.
func asked(n byte) [4]byte {
	return [4]byte{when(n&1 != 0, 0x04) | when(n&2 != 0, 0x28), when(n&4 != 0, 0x7F), when(n&8 != 0, 0x0F), 0}
}

// changed tells everybody of a new state: the host if it asked, and who waits.
func (p *Printer) changed() {
	now := p.automatic()
	for i, mask := range asked(p.set.automatic) {
		if (now[i]^p.told[i])&mask != 0 {
			p.answer(now[:]...)
			p.told = now
			break
		}
	}
	if !p.offline() {
		p.spare = reserve
	}
	p.wake.Broadcast()
}
