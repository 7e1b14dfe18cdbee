//! The signature in a program for Apple's machines. Their own processors (arm64) end a program at its start when a
//! page of it does not have the hash that its signature lists, whoever signed it.
//!
//! The layout is that of `cs_blobs.h` in Apple's published kernel sources; its numbers are big-endian.

use immuta_release::checksums::sha256;
use object::{
    LittleEndian,
    macho::{LC_CODE_SIGNATURE, MachHeader64},
    read::macho::{LoadCommandVariant, MachHeader},
};

const CODE_DIRECTORY: u32 = 0xfade_0c02;

/// Whether there is a signature, and every page has the hash that it lists.
pub(crate) fn is_signed(program: &[u8]) -> bool {
    let Some(signature) = signature_at(program) else {
        return false;
    };
    // A blob of blobs: after magic, length and count, a type and an offset for each.
    let blobs = number(program, signature + 8);
    let directory = (0..blobs)
        .map(|n| signature + number(program, signature + 16 + 8 * n))
        .find(|blob| number(program, *blob) == CODE_DIRECTORY as usize)
        .unwrap();
    let hashes = directory + number(program, directory + 16);
    let pages = number(program, directory + 28);
    let code = &program[..number(program, directory + 32)];
    let hash_size = usize::from(program[directory + 36]);
    let page_size = 1_usize << program[directory + 39];
    assert_eq!(code.len(), signature, "not all of the code is signed");
    let mut listed = program[hashes..].chunks(hash_size);
    pages == code.len().div_ceil(page_size)
        && code
            .chunks(page_size)
            .all(|page| listed.next().map(hex::encode) == Some(sha256(page)))
}

/// Where the signature begins.
fn signature_at(program: &[u8]) -> Option<usize> {
    let header = MachHeader64::<LittleEndian>::parse(program, 0).unwrap();
    let mut commands = header.load_commands(LittleEndian, program, 0).unwrap();
    while let Some(command) = commands.next().unwrap() {
        if command.cmd() == LC_CODE_SIGNATURE
            && let LoadCommandVariant::LinkeditData(data) = command.variant().unwrap()
        {
            return Some(data.dataoff.get(LittleEndian) as usize);
        }
    }
    None
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}
