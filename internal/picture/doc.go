// Package picture reads picture files the way viewers show them.
//
// In: the bytes of a PNG or JPEG file. Out: the picture upright, as its EXIF orientation says, and
// opaque: what is transparent stands on white. Size and pixels are bounded before anything is
// decoded. A broken EXIF block is ignored, as viewers do: the picture is good without it.
//
// The package is pure. Of EXIF (CIPA DC-008, TIFF 6.0) one tag is read, orientation (0x0112) of the
// first directory; libraries that read all of it were unmaintained, or large, at the time of
// writing.
package picture
