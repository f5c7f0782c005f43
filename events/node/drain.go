package node

import (
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// maxDrained is how many messages of a refused request are still read.
const maxDrained = 1024

// drain reads to its end a request that was refused before it was whole. A
// client that is still sending when the call ends is told that by an io.EOF
// of its Send, and EventStore-Client-Go takes that for an unknown error
// instead of asking for the status.
func drain(service any, call grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	refusal := handle(service, call)
	if refusal == nil || !info.IsClientStream || info.IsServerStream {
		return refusal
	}
	for range maxDrained {
		// Its fields are all unknown ones, and don't matter.
		if err := call.RecvMsg(new(emptypb.Empty)); err != nil {
			break
		}
	}
	return refusal
}
