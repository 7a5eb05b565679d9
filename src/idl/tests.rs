//! Small interfaces of either form: odd discriminators, events, tuples, what stands within what.

use super::*;
use drift::accounts::layout::Value;
use serde_json::json;

const SYSTEM: &str = "11111111111111111111111111111111";

/// An interface of today's form whose discriminators are no hashes.
fn today() -> Idl {
    let text = json!({
        "address": "SysvarC1ock11111111111111111111111111111111",
        "metadata": {"name": "small", "version": "1.2.3", "spec": "0.1.0"},
        "instructions": [
            {"name": "place_order_v2", "discriminator": [5], "accounts": [
                {"name": "user", "writable": true},
                {"name": "both", "accounts": [{"name": "authority", "signer": true}, {"name": "referrer", "optional": true}]},
                {"name": "system_program", "address": SYSTEM}],
            "args": [{"name": "pair", "type": {"defined": {"name": "Pair"}}},
                {"name": "note", "type": {"option": "string"}}, {"name": "rate", "type": "f32"},
                {"name": "owner", "type": {"coption": "pubkey"}}]},
            {"name": "stop", "discriminator": [], "accounts": [], "args": []},
        ],
        "accounts": [{"name": "Short", "discriminator": [9]}, {"name": "Long", "discriminator": [9, 1, 0]}],
        "events": [{"name": "Moved", "discriminator": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}],
        "types": [
            {"name": "Pair", "type": {"kind": "struct", "fields": ["u8", {"defined": {"name": "Price"}}]}},
            {"name": "Price", "type": {"kind": "type", "alias": "u16"}},
            {"name": "Short", "type": {"kind": "struct", "fields": [{"name": "twap5min", "type": "u16"}]}},
            {"name": "Long", "type": {"kind": "struct"}},
            {"name": "Moved", "type": {"kind": "struct", "fields": [
                {"name": "by", "type": "i16"}, {"name": "why", "type": {"defined": {"name": "Why"}}},
                {"name": "far", "type": "f64"}, {"name": "wide", "type": "u256"}, {"name": "none", "type": {"coption": "u16"}}]}},
            {"name": "Why", "type": {"kind": "enum", "variants": [
                {"name": "Wind"}, {"name": "Order", "fields": ["u8", {"defined": {"name": "Pair"}}]}]}},
        ],
    });
    Idl::parse(&text.to_string()).unwrap()
}

fn told((kind, fields): Decoded) -> Vec<String> {
    let fields = fields.iter().map(|(path, value)| format!("{path}={value}"));
    [kind].into_iter().chain(fields).collect()
}

#[test]
fn instructions_begin_as_the_interface_says() {
    let idl = today();
    assert_eq!((idl.name.as_str(), idl.version.as_str()), ("small", "1.2.3"));
    let arguments = json!({"pair": [7, 258], "note": "no", "rate": 1.5, "owner": SYSTEM, "more": 1});
    let encoded = idl.encode("place_order_v2", &arguments).unwrap();
    let beginning = [
        5, 7, 2, 1, 1, 2, 0, 0, 0, b'n', b'o', 0, 0, 0xc0, 0x3f, 1, 0, 0, 0,
    ];
    assert_eq!(encoded.data, [&beginning[..], &[0; 32]].concat());
    assert_eq!(
        (encoded.dropped, encoded.defaulted),
        (vec!["more".to_owned()], vec![])
    );
    // By place, and with a place too many; what is left out takes its room.
    let arguments = json!({"pair": {"0": 7, "1": 258, "2": 1}});
    let encoded = idl.encode("place_order_v2", &arguments).unwrap();
    assert_eq!(encoded.data, [&[5, 7, 2, 1, 0][..], &[0; 4 + 4 + 32]].concat());
    assert_eq!(encoded.dropped, ["pair.2"]);
    assert_eq!(encoded.defaulted, ["note", "rate", "owner"]);
    assert!(idl.encode("stop", &json!({})).unwrap().data.is_empty());
    let refusal = idl.encode("place_order_v2", &json!({"pair": 7})).unwrap_err();
    assert!(refusal.to_string().contains("`pair`: 7"), "{refusal}");
}

#[test]
fn accounts_of_an_instruction_may_be_known_or_left_out() {
    let idl = today();
    let [user, authority, referrer] = [1, 2, 3].map(|byte| Pubkey([byte; 32]));
    let given = [("authority", authority), ("user", user), ("other", referrer)];
    let metas = idl.metas("place_order_v2", &given).unwrap();
    let system: Pubkey = SYSTEM.parse().unwrap();
    assert_eq!(
        metas,
        [
            AccountMeta::new(user, false, true),
            AccountMeta::new(authority, true, false),
            AccountMeta::new(idl.address.unwrap(), false, false),
            AccountMeta::new(system, false, false),
        ]
    );
    let all = [
        given[0],
        given[1],
        ("referrer", referrer),
        ("system_program", authority),
    ];
    let metas = idl.metas("place_order_v2", &all).unwrap();
    assert_eq!((metas[2].key, metas[3].key), (referrer, authority));
    let refusal = idl.metas("place_order_v2", &given[..1]).unwrap_err();
    assert!(refusal.to_string().contains("`user`"), "{refusal}");
}

#[test]
fn accounts_and_events_are_known_by_what_the_interface_says() {
    let idl = today();
    assert_eq!(told(idl.decode(&[9, 2, 1]).unwrap()), ["Short", "twap_5min=258"]);
    // The longer discriminator holds where both would.
    assert_eq!(told(idl.decode(&[9, 1, 0]).unwrap()), ["Long"]);
    assert!(matches!(idl.decode(&[8, 1, 0]), Err(IdlError::NotAnAccount)));
    assert!(matches!(
        idl.decode(&hash("account", "Short")),
        Err(IdlError::NotAnAccount)
    ));
    let short = idl.decode(&[9, 1]).unwrap_err().to_string();
    assert!(short.contains("Short ends within `twap_5min`"), "{short}");

    let body = [
        &(-2_i16).to_le_bytes()[..],
        &[1, 3, 4, 2, 1],
        &0.25_f64.to_le_bytes(),
        &[8; 32],
        &[0; 6],
    ]
    .concat();
    let event = [&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10][..], &body].concat();
    assert_eq!(
        told(idl.decode_event(&event).unwrap()),
        [
            "Moved",
            "by=-2",
            "why=Order",
            "why.0=3",
            "why.1.0=4",
            "why.1.1=258",
            "far=0.25",
            &format!("wide={}", "08".repeat(32)),
            "none=None"
        ]
    );
    assert!(matches!(idl.decode_event(&[9, 1, 0]), Err(IdlError::NotAnEvent)));
}

#[test]
fn events_before_0_30_have_their_fields_with_them() {
    // An event may have the name of a type, and is another thing.
    let text = json!({
        "name": "old", "version": "0.1.0", "metadata": {"address": SYSTEM},
        "instructions": [{"name": "moveAll", "accounts": [
            {"name": "lastUser2", "isMut": true, "isSigner": true}, {"name": "none", "isMut": true, "isSigner": false, "isOptional": true}],
            "args": []}],
        "types": [{"name": "Moved", "type": {"kind": "struct", "fields": [{"name": "a", "type": "u8"}]}}],
        "events": [{"name": "Moved", "fields": [{"name": "lastTs", "type": "i64", "index": false}]}],
    });
    let idl = Idl::parse(&text.to_string()).unwrap();
    let event = [&hash("event", "Moved")[..], &77_i64.to_le_bytes()].concat();
    assert_eq!(told(idl.decode_event(&event).unwrap()), ["Moved", "last_ts=77"]);
    assert_eq!(
        idl.encode("move_all", &json!({})).unwrap().data,
        hash("global", "move_all")
    );
    let user = Pubkey([1; 32]);
    let metas = idl.metas("move_all", &[("last_user_2", user)]).unwrap();
    let left_out = AccountMeta::new(SYSTEM.parse::<Pubkey>().unwrap(), false, false);
    assert_eq!(metas, [AccountMeta::new(user, true, true), left_out]);
}

/// An account `A` of `fields`, whose type has what `with` adds.
fn account(with: serde_json::Value, fields: serde_json::Value) -> Idl {
    let mut kind = json!({"name": "User", "type": {"kind": "struct", "fields": fields}});
    kind.as_object_mut()
        .unwrap()
        .extend(with.as_object().unwrap().clone());
    let text = json!({
        "metadata": {"name": "small", "version": "0.1.0"},
        "instructions": [{"name": "set", "discriminator": [1], "accounts": [],
            "args": [{"name": "user", "type": {"defined": {"name": "User"}}}]}],
        "accounts": [{"name": "User", "discriminator": [7]}], "types": [kind],
    });
    Idl::parse(&text.to_string()).unwrap()
}

#[test]
fn the_interface_says_which_accounts_are_mapped() {
    let fields = json!([{"name": "a", "type": "u8"}, {"name": "b", "type": "u16"}]);
    let data = [7, 1, 2, 3, 4];
    let b = |with| {
        account(with, fields.clone()).decode(&data).unwrap().1[1]
            .1
            .clone()
    };
    let (mapped, borsh) = (Value::Uint(0x0403), Value::Uint(0x0302));
    assert_eq!(
        b(json!({"serialization": "bytemuck", "repr": {"kind": "c"}})),
        mapped
    );
    assert_eq!(b(json!({"serialization": "borsh"})), borsh);
    // Said of none: Drift's `User` is known to be. Where layouts are told at all, one that is not is Borsh.
    assert_eq!(b(json!({})), mapped);
    assert_eq!(b(json!({"repr": {"kind": "rust"}})), borsh);
    let own = account(json!({"serialization": {"custom": "packer"}}), fields.clone());
    for refusal in [
        own.decode(&data).unwrap_err(),
        own.encode("set", &json!({})).unwrap_err(),
    ] {
        assert!(refusal.to_string().contains("`packer`"), "{refusal}");
    }
}

#[test]
fn a_type_within_itself_is_refused() {
    for with in [json!({}), json!({"serialization": "borsh"})] {
        let endless = account(
            with,
            json!([{"name": "a", "type": {"array": [{"defined": {"name": "User"}}, 2]}}]),
        );
        assert!(matches!(endless.decode(&[7; 99]), Err(IdlError::Deep(_))));
        assert!(matches!(
            endless.encode("set", &json!({})),
            Err(IdlError::Deep(_))
        ));
    }
    // One that ends is not.
    let list = account(
        json!({"serialization": "borsh"}),
        json!([{"name": "a", "type": {"option": {"defined": {"name": "User"}}}}]),
    );
    assert_eq!(told(list.decode(&[7, 1, 1, 0]).unwrap()), ["User", "a.a.a=None"]);
}
