package node

import (
	"context"
	"net"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
)

// protocolVersion is the EventStoreDB whose protocol the node speaks; clients
// parse it as numbers.
const protocolVersion = "24.10.0"

// maxMessage is the largest message taken from a client. It is well above
// maxAppend, so that an event over the limit gets the answer that says so.
const maxMessage = 16 << 20

func newServer(n *Node) *grpc.Server {
	g := &guard{users: n.secured.users, log: n.log, traffic: n.traffic}
	transport := insecure.NewCredentials()
	if n.secured.tls != nil {
		transport = credentials.NewTLS(n.secured.tls)
	}
	s := grpc.NewServer(
		grpc.Creds(transport),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.ChainUnaryInterceptor(g.unary),
		grpc.ChainStreamInterceptor(drain, g.stream),
		grpc.MaxRecvMsgSize(maxMessage),
		// Clients ping every 10 s. Without this grpc takes it for an attack
		// and closes their connections after the third ping.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
		grpc.WaitForHandlers(true),
		grpc.WriteBufferSize(64<<10),
	)
	streams.RegisterStreamsServer(s, &streamsService{log: n.log, closing: n.closing, traffic: n.traffic, receivers: &n.receivers})
	persistent.RegisterPersistentSubscriptionsServer(s, n.groups)
	serverfeatures.RegisterServerFeaturesServer(s, featuresService{})
	gossip.RegisterGossipServer(s, &gossipService{node: n, instance: uuid.New()})
	return s
}

// featuresService tells clients which calls they may make. Names are lower
// case; what is not listed, clients don't try.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

var _ serverfeatures.ServerFeaturesServer = featuresService{}

func (featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	answer := &serverfeatures.SupportedMethods{EventStoreServerVersion: protocolVersion}
	add := func(service string, methods ...string) {
		for _, m := range methods {
			answer.Methods = append(answer.Methods, &serverfeatures.SupportedMethod{ServiceName: service, MethodName: m})
		}
	}
	add("event_store.client.streams.streams", "read", "append", "batchappend", "delete", "tombstone")
	for _, m := range []string{"create", "update", "delete", "read", "getinfo", "replayparked", "list", "restartsubsystem"} {
		answer.Methods = append(answer.Methods, &serverfeatures.SupportedMethod{
			ServiceName: "event_store.client.persistent_subscriptions.persistentsubscriptions",
			MethodName:  m, Features: []string{"stream", "all"}})
	}
	add("event_store.client.gossip.gossip", "read")
	add("event_store.client.server_features.serverfeatures", "getsupportedmethods")
	return answer, nil
}

// gossipService answers clients that were given several hosts: the cluster is
// this node, and it leads.
type gossipService struct {
	gossip.UnimplementedGossipServer
	node     *Node
	instance uuid.UUID
}

var _ gossip.GossipServer = (*gossipService)(nil)

func (g *gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	at := g.node.address
	// A node that listens everywhere is where the caller has found it.
	if p, ok := peer.FromContext(ctx); ok && at.IP.IsUnspecified() {
		if local, ok := p.LocalAddr.(*net.TCPAddr); ok {
			at = local
		}
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structuredUUID(g.instance),
		TimeStamp:    time.Now().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: at.IP.String(), Port: uint32(at.Port)},
	}}}, nil
}
