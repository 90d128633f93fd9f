package rtpin

import "github.com/sensory-agent/sensory-agent/media"

// Picture copies the newest picture, upright, into one from pool, which the caller releases.
// Errors: codec.ErrNoPicture, codec.ErrPixelFormat, codec.ErrClosed, media.ErrPoolExhausted.
func (r *VideoReceiver) Picture(pool *media.I420Pool) (*media.I420, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := r.upright(pool)
	if err != nil {
		return nil, err
	}
	f.Captured = r.captured
	return f, nil
}

// upright copies the newest picture, turned where its sender says so. mu is held.
func (r *VideoReceiver) upright(pool *media.I420Pool) (*media.I420, error) {
	if r.shown == (media.Orientation{}) {
		return r.dec.CopyTo(pool)
	}
	lying, err := r.dec.CopyTo(r.lying)
	if err != nil {
		return nil, err
	}
	defer lying.Release()
	f, err := pool.Get(r.shown.Size(lying.Width, lying.Height))
	if err != nil {
		return nil, err
	}
	if err := lying.Upright(r.shown, f); err != nil {
		f.Release()
		return nil, err
	}
	return f, nil
}

// Size returns the size of the newest picture, upright; 0×0 before the first.
func (r *VideoReceiver) Size() (width, height int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shown.Size(r.dec.Size())
}
