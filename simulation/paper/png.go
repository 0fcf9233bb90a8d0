package paper

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"

	"github.com/openreferendum/referendum/station/slip/raster"
)

// A pngWriter writes pages as PNG with one bit a dot. Package image/png wants a
// byte a dot first and takes ten times as long for the box of a station.
type pngWriter struct {
	deflate *zlib.Writer
}

func newPNGWriter() *pngWriter {
	w, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		panic("paper: internal error: " + err.Error()) // the level is a constant
	}
	return &pngWriter{w}
}

// encode returns a page as a grey PNG of depth 1 (ISO/IEC 15948, Sections 5 and
// 11), with extra white columns at its right.
func (w *pngWriter) encode(b *raster.Bitmap, extra int) ([]byte, error) {
	const stride = raster.Width / 8
	var rows bytes.Buffer
	w.deflate.Reset(&rows)
	line := make([]byte, 1+(raster.Width+extra+7)/8) // filter type 0, then the dots: 1 is white
	for i := range line[1:] {
		line[1+i] = 0xff
	}
	for y := range b.Height {
		for x, packed := range b.Pix[y*stride : (y+1)*stride] {
			line[1+x] = ^packed
		}
		if _, err := w.deflate.Write(line); err != nil {
			return nil, err
		}
	}
	if err := w.deflate.Close(); err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(raster.Width+extra))
	header = binary.BigEndian.AppendUint32(header, uint32(b.Height))
	header = append(header, 1, 0, 0, 0, 0) // depth 1, grey, the only methods, not interlaced
	png := []byte("\x89PNG\r\n\x1a\n")
	png = chunk(png, "IHDR", header)
	png = chunk(png, "IDAT", rows.Bytes())
	return chunk(png, "IEND", nil), nil
}

func chunk(png []byte, kind string, data []byte) []byte {
	png = binary.BigEndian.AppendUint32(png, uint32(len(data)))
	from := len(png)
	png = append(append(png, kind...), data...)
	return binary.BigEndian.AppendUint32(png, crc32.ChecksumIEEE(png[from:]))
}
