//go:build !nolibav

package player

// #cgo pkg-config: libavcodec libavutil
// #include <libavcodec/avcodec.h>
//
// static AVCodecContext *open_h264(void) {
//   const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
//   AVCodecContext *context = codec ? avcodec_alloc_context3(codec) : NULL;
//   if (!context) return NULL;
//   context->thread_count = 1;
//   context->flags |= AV_CODEC_FLAG_LOW_DELAY;
//   if (avcodec_open2(context, codec, NULL) < 0) avcodec_free_context(&context);
//   return context;
// }
//
// // 1: there is a picture; 0: none; less: an error
// static int decode(AVCodecContext *context, AVPacket *packet, AVFrame *frame, uint8_t *data, int size) {
//   packet->data = data; // it has no buffer of its own, so libavcodec copies it
//   packet->size = size;
//   int result = avcodec_send_packet(context, packet);
//   packet->data = NULL;
//   packet->size = 0;
//   if (result < 0) return result;
//   result = avcodec_receive_frame(context, frame);
//   if (result == AVERROR(EAGAIN)) return 0;
//   if (result < 0) return result;
//   return frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT) ? AVERROR_INVALIDDATA : 1;
// }
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// decoder decodes H.264 on the caller's thread. One goroutine uses it.
type decoder struct {
	context *C.AVCodecContext
	packet  *C.AVPacket
	frame   *C.AVFrame
}

func newDecoder() (*decoder, error) {
	C.av_log_set_level(C.AV_LOG_QUIET)
	d := &decoder{context: C.open_h264(), packet: C.av_packet_alloc(), frame: C.av_frame_alloc()}
	if d.context == nil || d.packet == nil || d.frame == nil {
		d.close()
		return nil, errors.New("libavcodec opens no decoder of H.264")
	}
	return d, nil
}

// decode decodes an access unit. The picture lies in the decoder's memory until
// the next call.
func (d *decoder) decode(unit []byte, p *Picture) (bool, error) {
	if len(unit) == 0 {
		return false, errEmpty
	}
	result := C.decode(d.context, d.packet, d.frame, (*C.uint8_t)(unsafe.SliceData(unit)), C.int(len(unit)))
	if result < 0 {
		return false, fmt.Errorf("libavcodec: error %d", int(result))
	}
	f := d.frame
	if result == 0 {
		return false, nil
	}
	if f.format != C.AV_PIX_FMT_YUV420P && f.format != C.AV_PIX_FMT_YUVJ420P {
		return false, fmt.Errorf("the picture has the pixel format %d, want 4:2:0", int(f.format))
	}
	*p = Picture{Width: int(f.width), Height: int(f.height), Stride: int(f.linesize[0]), ChromaStride: int(f.linesize[1])}
	p.Y = unsafe.Slice((*byte)(f.data[0]), p.Stride*p.Height)
	p.U = unsafe.Slice((*byte)(f.data[1]), p.ChromaStride*((p.Height+1)/2))
	p.V = unsafe.Slice((*byte)(f.data[2]), p.ChromaStride*((p.Height+1)/2))
	return true, nil
}

var errEmpty = errors.New("an empty unit")

func (d *decoder) close() {
	C.av_frame_free(&d.frame)
	C.av_packet_free(&d.packet)
	C.avcodec_free_context(&d.context)
}
