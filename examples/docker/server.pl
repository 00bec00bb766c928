#!/usr/bin/perl
# A web server in a few lines, for an image made from a Dockerfile.
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;

$| = 1;
$SIG{TERM} = sub { exit 0 };
my $port = $ENV{PORT} || 3000;
my $server = HTTP::Daemon->new(LocalAddr => '0.0.0.0', LocalPort => $port, ReuseAddr => 1) or die "port $port: $!";
print "listening on $port\n";
while (my $client = $server->accept) {
    if (my $request = $client->get_request) {
        my $headers = ['Content-Type' => 'text/plain', 'Connection' => 'close'];
        $client->send_response(HTTP::Response->new(200, 'OK', $headers, "Hello from a Dockerfile\n"));
    }
    $client->close;
}
