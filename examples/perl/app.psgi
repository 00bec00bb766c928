use strict;
use warnings;

sub {
    my ($env) = @_;
    return [200, ['Content-Type' => 'text/plain; charset=utf-8'], ["Hello from Perl $^V: $env->{PATH_INFO}\n"]];
};
