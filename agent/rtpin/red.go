package rtpin

import (
	"encoding/binary"
	"fmt"
)

// maxREDBlocks bounds the redundant blocks of one packet; senders use one to three.
const maxREDBlocks = 8

// redBlock is one block of a redundant audio payload.
type redBlock struct {
	payloadType uint8
	// offset is how much older the block is than the packet, in ticks of the RTP clock; 0 for the
	// primary block.
	offset uint32
	data   []byte
}

// parseRED splits a payload of RFC 2198 into its blocks, oldest first, the primary one last. The
// blocks point into payload. Error: ErrRED.
func parseRED(payload []byte, blocks []redBlock) ([]redBlock, error) {
	blocks = blocks[:0]
	var lengths [maxREDBlocks]int
	rest := payload
	for {
		if len(rest) == 0 {
			return nil, fmt.Errorf("headers without end: %w", ErrRED)
		}
		if rest[0]&0x80 == 0 {
			blocks = append(blocks, redBlock{payloadType: rest[0] & 0x7f})
			rest = rest[1:]
			break
		}
		if len(rest) < 4 || len(blocks) == maxREDBlocks {
			return nil, fmt.Errorf("%d redundant blocks, %d bytes left: %w", len(blocks), len(rest), ErrRED)
		}
		word := binary.BigEndian.Uint32(rest)
		lengths[len(blocks)] = int(word & 0x3ff)
		blocks = append(blocks, redBlock{payloadType: rest[0] & 0x7f, offset: word >> 10 & 0x3fff})
		rest = rest[4:]
	}
	for i := range len(blocks) - 1 {
		n := lengths[i]
		if n > len(rest) {
			return nil, fmt.Errorf("block of %d bytes, %d left: %w", n, len(rest), ErrRED)
		}
		blocks[i].data, rest = rest[:n], rest[n:]
	}
	blocks[len(blocks)-1].data = rest
	return blocks, nil
}
