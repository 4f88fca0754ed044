/* SPDX-License-Identifier: Apache-2.0 */
/* Board types as JSON: for the wire, the store and the API. */
#include "core/base/doc_json.h"
#include "core/image/board_type.h"

static json_t *memory_to_json(const struct board_type *type)
{
	json_t *list = json_array();

	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *region = &type->region[i];

		json_t *entry = json_pack("{s:s, s:I, s:I}", "kind", memory_kind_name(region->kind), "address",
					  (json_int_t)region->address, "size", (json_int_t)region->size_bytes);

		if (region->is_alias)
			json_put(&entry, "alias-of", json_integer(region->alias_of));
		if (region->erased_with_chip)
			json_put(&entry, "erase", json_string("chip"));
		json_push(&list, entry);
	}
	return list;
}

static json_t *identity_to_json(const struct board_type *type)
{
	json_t *list = json_array();

	for (size_t i = 0; i < type->identity_count; i++) {
		const struct chip_identity *identity = &type->identity[i];
		json_t *entry = json_pack("{s:s}", "name", identity->name);

		if (!identity->is_dpidr)
			json_put(&entry, "address", json_integer(identity->address));
		json_put(&entry, "mask", json_integer(identity->mask));
		json_put(&entry, "value", json_integer(identity->value));
		json_push(&list, entry);
	}
	return list;
}

static json_t *openocd_to_json(const struct board_type *type)
{
	json_t *object = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < type->openocd_config_count; i++)
		json_push(&list, json_string(type->openocd_config[i]));
	json_put(&object, "config", list);
	if (type->openocd_target[0])
		json_put(&object, "target", json_string(type->openocd_target));
	if (type->openocd_chip_erase[0])
		json_put(&object, "chip-erase", json_string(type->openocd_chip_erase));
	if (type->openocd_work_area_set)
		json_put(&object, "work-area", json_integer(type->openocd_work_area_bytes));
	return object;
}

json_t *board_type_to_json(const struct board_type *type)
{
	json_t *object = json_pack("{s:s, s:s}", "type", type->name, "arch", type->arch);

	if (type->description[0])
		json_put(&object, "description", json_string(type->description));
	if (type->mcu[0])
		json_put(&object, "mcu", json_string(type->mcu));
	json_put(&object, "memory", memory_to_json(type));
	json_put(&object, "identity", identity_to_json(type));
	if (type->unique_id_words)
		json_put(&object, "unique-id",
			 json_pack("{s:I, s:I}", "address", (json_int_t)type->unique_id_address, "words",
				   (json_int_t)type->unique_id_words));
	json_put(&object, "vectors", json_integer(type->vectors_address));
	json_put(&object, "openocd", openocd_to_json(type));
	json_put(&object, "console", json_pack("{s:I}", "baud", (json_int_t)type->baud));
	if (type->flash_endurance)
		json_put(&object, "flash", json_pack("{s:I}", "endurance", (json_int_t)type->flash_endurance));
	if (type->feature_count)
		json_put(&object, "features", features_to_json(type->features, type->feature_count));
	return object;
}

static int read_type(const struct doc_node *root, void *target, struct doc_problems *problems)
{
	return board_type_read(root, target, problems) ? 0 : ERR_INVALID;
}

int board_type_from_json(const json_t *object, struct board_type *ret_type, struct err *err)
{
	return doc_read_json(object, read_type, ret_type, err);
}
