package picture

import (
	"bytes"
	"encoding/binary"
)

const (
	upright        = 1
	tagOrientation = 0x0112
	typeShort      = 3
	maxEntries     = 512 // of a directory: cameras write some dozens
)

// Orientation is that of a JPEG's or PNG's EXIF block, from 1 to 8; 1 where there is none, or none
// that can be read.
func Orientation(format string, data []byte) int {
	var block []byte
	switch format {
	case "jpeg":
		block = jpegBlock(data)
	case "png":
		block = pngBlock(data)
	}
	return orientationOf(block)
}

// jpegBlock finds the APP1 segment with EXIF before the picture itself.
func jpegBlock(data []byte) []byte {
	const (
		startOfImage, startOfScan, app1 = 0xd8, 0xda, 0xe1
		header                          = "Exif\x00\x00"
	)
	if len(data) < 2 || data[0] != 0xff || data[1] != startOfImage {
		return nil
	}
	for data = data[2:]; len(data) >= 4 && data[0] == 0xff; {
		marker, length := data[1], int(binary.BigEndian.Uint16(data[2:4]))
		if marker == 0xff { // filling
			data = data[1:]
			continue
		}
		if marker == startOfScan || length < 2 || 2+length > len(data) {
			return nil
		}
		if segment := data[4 : 2+length]; marker == app1 && bytes.HasPrefix(segment, []byte(header)) {
			return segment[len(header):]
		}
		data = data[2+length:]
	}
	return nil
}

// pngBlock finds the chunk eXIf, wherever it stands.
func pngBlock(data []byte) []byte {
	const signature, overhead = 8, 12 // a chunk has length, type and checksum around its data
	for data = data[min(signature, len(data)):]; len(data) >= overhead; {
		length := int64(binary.BigEndian.Uint32(data[:4]))
		if length > int64(len(data)-overhead) {
			return nil
		}
		if string(data[4:8]) == "eXIf" {
			return data[8 : 8+length]
		}
		data = data[overhead+length:]
	}
	return nil
}

// orientationOf reads the first directory of a TIFF block.
func orientationOf(block []byte) int {
	if len(block) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(block[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(block[4:8]))
	if at < 8 || at+2 > int64(len(block)) {
		return upright
	}
	const entry = 12 // tag, type, count, value
	rest := block[at+2:]
	for range min(int(order.Uint16(block[at:at+2])), maxEntries, len(rest)/entry) {
		if order.Uint16(rest) == tagOrientation && order.Uint16(rest[2:]) == typeShort && order.Uint32(rest[4:]) == 1 {
			if o := int(order.Uint16(rest[8:])); o >= upright && o <= 8 {
				return o
			}
			return upright
		}
		rest = rest[entry:]
	}
	return upright
}
