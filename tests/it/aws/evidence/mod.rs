//! What a role used, as AWS tells it: over the real clients, against a server that answers as AWS does and fails as it
//! does, and against an emulator where there is one.

mod accessed;
mod files;
mod generation;
mod lookup;
mod memory;
mod scene;
mod wire;
