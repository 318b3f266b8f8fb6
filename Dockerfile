# ALPHA by itself, for a registry of yours:
#
#   docker build --tag alpha .
#
# The build's own platform is the image's: build on (or for) x86-64, which is what infra/alpha.yaml runs it on.

FROM rust:1.94.1-alpine AS build
# A C compiler for SQLite and for the cryptography of TLS.
RUN apk add --no-cache ca-certificates musl-dev
WORKDIR /alpha
COPY . .
# For musl, Rust links statically: what comes out needs nothing else.
RUN cargo build --release --locked --bin alpha

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /alpha/target/release/alpha /alpha
# Nobody, by number: there is no list of users in here.
USER 65532:65532
ENV ALPHA_LISTEN=0.0.0.0:8080
EXPOSE 8080
# There is nothing in here that could ask /healthz from within; the load balancer asks it from without.
#checkov:skip=CKV_DOCKER_2:No shell and no client to ask /healthz with; the load balancer does.
ENTRYPOINT ["/alpha"]
CMD ["serve"]
