package vision

import "container/list"

// Features are what a vision encoder says about one picture. They are immutable and may be shared.
type Features struct {
	// Data has the shape [Images, Tokens, Hidden].
	Data []float32
	// Images is the number of squares, Tokens the vectors per square, Hidden the length of a
	// vector.
	Images, Tokens, Hidden int
	// Rows and Cols are the tile grid of the texture.
	Rows, Cols int
	// Grid says how the tokens of a picture of patches lie: frames, rows and columns, in this
	// order. Zero for tiles.
	Grid Grid
	// Hash is the hash of the whole source picture.
	Hash Hash
}

// featureKey identifies features within one encoder: the same picture cut another way has others.
// Rows and columns are those of tiles or of patches.
type featureKey struct {
	hash       Hash
	rows, cols int
}

// key is the texture's own.
func (t *Texture) key() featureKey {
	if t.Grid.T > 0 {
		return featureKey{t.Hash, t.Grid.H, t.Grid.W}
	}
	return featureKey{t.Hash, t.Rows, t.Cols}
}

// featureCache keeps the features used last, bounded by their number and by their bytes. The owner
// holds the lock.
type featureCache struct {
	entries, bytes int // limits
	held           int // bytes held
	order          list.List
	index          map[featureKey]*list.Element
}

type featureEntry struct {
	key      featureKey
	features *Features
}

func newFeatureCache(entries, bytes int) *featureCache {
	return &featureCache{entries: entries, bytes: bytes, index: make(map[featureKey]*list.Element, entries)}
}

func (c *featureCache) get(key featureKey) *Features {
	element := c.index[key]
	if element == nil {
		return nil
	}
	c.order.MoveToFront(element)
	return element.Value.(*featureEntry).features // the list holds nothing else.
}

// put adds features; those used longest ago make room. Features larger than the whole cache are not
// kept.
func (c *featureCache) put(key featureKey, features *Features) {
	size := features.size()
	if size > c.bytes || c.entries < 1 {
		return
	}
	if element := c.index[key]; element != nil {
		c.remove(element)
	}
	for c.order.Len() >= c.entries || c.held+size > c.bytes {
		c.remove(c.order.Back())
	}
	c.index[key] = c.order.PushFront(&featureEntry{key: key, features: features})
	c.held += size
}

func (c *featureCache) remove(element *list.Element) {
	entry := c.order.Remove(element).(*featureEntry) // the list holds nothing else.
	delete(c.index, entry.key)
	c.held -= entry.features.size()
}

func (f *Features) size() int { return 4 * len(f.Data) }
